import { describeRoute } from '../http/route.js';
import { announcementListDto } from './announcement.dto.js';

export const listAnnouncements = describeRoute({
  id: 'list-announcements',
  summary: 'List the places to which tenants are about to move',
  description:
    'For services of the product, every few seconds: one question for all tenants. Whoever opens connections there before the switch waits for none at it; until then the place refuses every write. It is taken back when the move is, and is gone after the switch.',
  boundKeys: 'filtered',
  answers: { 200: { description: 'All of them; mostly none.', schema: announcementListDto } },
  problems: [],
});
