import { describeCatalogContract } from '../../contracts/catalog/catalog.contract.js';
import { InMemoryCatalog } from './in-memory-catalog.js';

describeCatalogContract('the in-memory catalog', async () => {
  let offsetMs = 0;
  const catalog = new InMemoryCatalog({ now: () => Date.now() + offsetMs });
  const shift = async (ms: number): Promise<void> => {
    offsetMs += ms;
  };
  return {
    catalog,
    other: catalog,
    passTime: shift,
    now: () => new Date(Date.now() + offsetMs),
    close: async () => undefined,
  };
});
