import { parseTenantId, type TenantId } from '@berth/domain';
import type { Random } from './random.js';

/** Whom something is asked for: any tenant, one of those that come and go, or one that is not there yet. */
export type Whom = 'anybody' | 'guest' | 'newcomer';

/** Tenants that are there from the start to the end, and guests, who come and go. */
export class Population {
  readonly guests: TenantId[] = [];

  constructor(readonly residents: readonly TenantId[]) {}

  /** Null: no guest has come yet. A guest who has left is asked for things all the same, as callers do. */
  choose(whom: Whom, random: Random): TenantId | null {
    if (whom === 'newcomer') {
      const guest = parseTenantId(`guest-${String(this.guests.length)}`);
      this.guests.push(guest);
      return guest;
    }
    const among = whom === 'guest' ? this.guests : this.everybody;
    return among.length === 0 ? null : random.of(among);
  }

  get everybody(): readonly TenantId[] {
    return [...this.residents, ...this.guests];
  }
}
