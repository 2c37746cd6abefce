/** Until when the certificate of a part is good, as it shows it itself; `validTo` null: it was not seen. */
export interface ServedCertificate {
  /** For example `Vault at vault:8200`. */
  readonly part: string;
  readonly validTo: Date | null;
  /** Why it was not seen. */
  readonly because: string | null;
}

/** Certificates of what Berth itself is configured to reach by TLS: catalog, queue, secrets. Those of clusters are no part of it. */
export abstract class ServedCertificates {
  /** One for each part that is reached by TLS. A part that does not answer is an answer too. */
  abstract read(): Promise<readonly ServedCertificate[]>;
}
