import { besideWriter } from './live-pause.js';

describe('an operation beside the writer that it keeps waiting', () => {
  it('tells how long the longest wait has become, while the operation itself tells nothing', async () => {
    const writer = { pauseSoFarMs: 4 };
    const told: string[] = [];
    const answer = await besideWriter(
      writer,
      (text) => {
        told.push(text);
        // It waits longer and longer, and step 3 says nothing of it.
        writer.pauseSoFarMs += 10;
      },
      async (going) => {
        going('step 3');
        while (told.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
        return 'moved';
      },
    );
    expect(answer).toBe('moved');
    expect(told.slice(0, 3)).toEqual([
      'the writer waited   4 ms at most  step 3',
      'the writer waited  14 ms at most  step 3',
      'the writer waited  24 ms at most  step 3',
    ]);
  });

  it('tells nothing any more once it has ended, however it ends', async () => {
    const told: string[] = [];
    const work = async (going: (text: string) => void): Promise<never> => {
      going('step 1');
      throw new Error('no');
    };
    await expect(besideWriter({ pauseSoFarMs: 1 }, (text) => told.push(text), work)).rejects.toThrow('no');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(told).toHaveLength(1);
  });
});
