import { type PlaceAddress, parseAddress } from '../secret.js';
import { at } from './ask-json.js';

/** Where Berth is about to take a tenant. Nothing of it is secret: the password is that of the present secret. */
export interface AnnouncedPlace {
  readonly tenantId: string;
  /** Where it is now. Who reaches it otherwise, through a pooler for example, has nothing to prepare. */
  readonly from: PlaceAddress;
  readonly to: PlaceAddress;
}

/** What Berth's API answers. What cannot be used is left out: it concerns the one tenant, and that tenant goes on as ever. */
export function parseAnnouncements(body: unknown): readonly AnnouncedPlace[] {
  const items = at(body, 'items');
  return (Array.isArray(items) ? (items as readonly unknown[]) : []).flatMap((item) => {
    try {
      return [
        {
          tenantId: String(at(item, 'tenantId')),
          from: parseAddress(at(item, 'from')),
          to: parseAddress(at(item, 'to')),
        },
      ];
    } catch {
      return [];
    }
  });
}
