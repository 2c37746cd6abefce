import { Controller, Get } from '@nestjs/common';
import type { TenantId } from '@berth/domain';
import { PlaceAnnouncements } from '@berth/ports';
import { ok, type Answer } from '../http/answer.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { announcementListBody } from './announcement.dto.js';
import * as routes from './announcement.routes.js';

@Controller('v1/announcements')
export class AnnouncementController {
  constructor(private readonly announcements: PlaceAnnouncements) {}

  @Get()
  @RequireScope('tenants:read')
  @Route(routes.listAnnouncements)
  async list(@Input() { caller }: InputOf<typeof routes.listAnnouncements>): Promise<Answer> {
    const tenantId = (caller.tenantId ?? undefined) as TenantId | undefined;
    return ok(announcementListBody(await this.announcements.live(tenantId)));
  }
}
