import { BerthError } from '@berth/domain';
import { CommandFault, exitCodes, faultOf } from './exit-codes.js';

describe('what was thrown, as the fault that ends the command', () => {
  it('stays what it is, with what is shown beside it', () => {
    const fault = new CommandFault(exitCodes.failed, 'No.', 'Try.', 'no', {}, { ok: false });
    expect(faultOf(fault)).toBe(fault);
  });

  it('keeps code and hint of what Berth says, and calls anything else internal', () => {
    const said = faultOf(new BerthError('queue-unavailable', 'The queue is down.', { hint: 'Start it.' }));
    expect(said).toMatchObject({
      exitCode: 3,
      code: 'queue-unavailable',
      message: 'The queue is down.',
      hint: 'Start it.',
    });
    expect(faultOf(new TypeError('x is undefined'))).toMatchObject({ exitCode: 1, code: 'internal' });
    expect(faultOf('odd')).toMatchObject({ message: 'odd', code: 'internal' });
  });
});
