import { InvalidTenantIdError } from './errors.js';

/** As Berth makes them: it becomes a part of paths and addresses, so nothing else is ever asked for. */
const tenantIdPattern = /^(?=.{3,40}$)[a-z](?:[a-z0-9]|-(?=[a-z0-9]))*$/;

/** @throws InvalidTenantIdError */
export function requireTenantId(text: string): void {
  if (tenantIdPattern.test(text)) return;
  const shown = JSON.stringify(text.slice(0, 60));
  throw new InvalidTenantIdError(text, `${shown} is no tenant id: 3 to 40 of a-z, 0-9 and single inner hyphens.`);
}
