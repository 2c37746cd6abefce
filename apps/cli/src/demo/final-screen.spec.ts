import { PassThrough } from 'node:stream';
import { Output } from '../terminal/output.js';
import { showFinalScreen } from './final-screen.js';
import type { StoryResult } from './story.js';

const place = { api: 'http://127.0.0.1:7000', apiKeyFile: '/home/key', berth: './berth' };

function result(change: Partial<StoryResult> = {}): StoryResult {
  return {
    checks: { noWriteLost: true, noWriteDoubled: true },
    writer: { acknowledged: 1_234, atLastPlace: 300, refused: 2, longestPauseMs: 87 },
    ledger: { lost: 0, doubled: 0 },
    refusals: [{ by: 'login', refused: true, answer: '28000 no' }],
    move: { id: 'm1', tenantId: 'demo-music-1', state: 'completed', comparison: null, writePauseMs: 21 },
    tenants: [],
    ...change,
  } as unknown as StoryResult;
}

function shown(story: StoryResult): string {
  const out = new PassThrough();
  showFinalScreen(new Output(false, true, out), place, story, 31_000);
  return String(out.read());
}

describe('the final screen of the demo', () => {
  it("tells the longest gap that the writer saw, beside the pause by Berth's own clock", () => {
    expect(shown(result())).toMatch(
      /^write pause +87 ms at most between two acknowledged writes \(by Berth's clock 21 ms\)$/m,
    );
  });

  it('tells the gap where Berth itself measured none', () => {
    const { move } = result();
    expect(shown(result({ move: { ...move, writePauseMs: null } }))).toMatch(
      /^write pause +87 ms at most .*\(by Berth's clock not measured\)$/m,
    );
  });

  it('tells what was lost and doubled, and which checks failed', () => {
    const bad = shown(
      result({
        ledger: { lost: 1, doubled: 2 },
        checks: { noWriteLost: false, noWriteDoubled: false } as StoryResult['checks'],
      }),
    );
    expect(bad).toContain('1,234 acknowledged, 1 lost, 2 doubled');
    expect(bad).toContain('2 of 2 checks failed: noWriteLost, noWriteDoubled');
    expect(shown(result())).toContain('all 2 checks passed in 31.0 s');
  });
});
