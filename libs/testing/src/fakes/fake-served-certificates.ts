import { type ServedCertificate, ServedCertificates } from '@berth/ports';

/** Certificates as a test says. */
export class FakeServedCertificates extends ServedCertificates {
  certificates: readonly ServedCertificate[] = [];

  async read(): Promise<readonly ServedCertificate[]> {
    return this.certificates;
  }
}
