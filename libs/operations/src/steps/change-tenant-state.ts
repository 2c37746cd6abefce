import type { TenantId, TenantState } from '@berth/domain';
import { done, step } from '@berth/saga';
import type { Tools } from '../tools.js';

/** The row as it was, for the way back; `quarantinedUntil` in ISO 8601, since inputs are JSON. */
export interface ChangesTenantState {
  readonly tenantId: TenantId;
  readonly stateBefore: TenantState;
  readonly reasonBefore: string | null;
  readonly quarantinedUntilBefore: string | null;
  readonly reason: string | null;
}

/** A step that moves the tenant's row to a state once the databases were read back, and returns it on undo. */
export function changeTenantState<Input extends ChangesTenantState>(
  to: TenantState,
  quarantinedUntil: (input: Input) => Date | null = () => null,
) {
  return step<Input, Pick<Tools, 'tenants'>>()({
    name: `mark-${to}`,
    describe: () => `Record that the tenant is ${to}.`,
    async run({ input, tools }) {
      const from = [input.stateBefore, to];
      await tools.tenants.transition(input.tenantId, {
        from,
        to,
        reason: input.reason,
        quarantinedUntil: quarantinedUntil(input),
      });
      return done;
    },
    async undo({ input, tools }) {
      await tools.tenants.transition(input.tenantId, {
        from: [to, input.stateBefore],
        to: input.stateBefore,
        reason: input.reasonBefore,
        quarantinedUntil: input.quarantinedUntilBefore === null ? null : new Date(input.quarantinedUntilBefore),
      });
      return done;
    },
  });
}
