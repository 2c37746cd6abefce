import type { Schemas } from '../api/client.js';
import { size } from '../terminal/duration.js';

type Instance = NonNullable<Schemas['Cluster']['instance']>;

const eventsShown = 3;

/** What the provider says of an instance, as lines of `berth clusters show`. */
export function instanceFacts(instance: Instance | null): readonly (readonly [string, string | null])[] {
  if (instance === null) return [];
  const { provider, identifier, status, pending, events, storage } = instance;
  return [
    ['instance', `${provider} ${identifier}, ${status}`],
    ['storage', storageText(storage)],
    ...pending.map((change) => ['pending', change] as const),
    ...events
      .slice(0, eventsShown)
      .map(({ at, message }) => ['event', `${at.slice(0, 16).replace('T', ' ')}  ${message}`] as const),
  ];
}

function storageText({ allocatedBytes, freeBytes, limitBytes }: Instance['storage']): string {
  const free = freeBytes === null ? 'free space not measured' : `${size(freeBytes)} free`;
  const grows = limitBytes === null ? 'does not grow' : `grows by itself to ${size(limitBytes)}`;
  return `${size(allocatedBytes)}, ${free}, ${grows}`;
}
