import { serverSentEvents } from './server-sent-events.js';

async function read(...chunks: readonly string[]) {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
  const events = [];
  for await (const event of serverSentEvents(body)) events.push(event);
  return events;
}

describe('serverSentEvents', () => {
  it('reads events, skips comments and fields that it does not know', async () => {
    expect(
      await read('retry: 2000\n\n: still here\n\nid: 7\nevent: operation\ndata: {"a":1}\n\ndata: x\ndata: y\n\n'),
    ).toEqual([
      { event: 'operation', data: '{"a":1}' },
      { event: 'message', data: 'x\ny' },
    ]);
  });

  it('puts together what the network cut anywhere, inside a letter too', async () => {
    const whole = new TextEncoder().encode('event: operation\r\ndata: {"text":"grüße"}\r\n\r\n');
    for (let at = 1; at < whole.length; at += 1) {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(whole.slice(0, at));
          controller.enqueue(whole.slice(at));
          controller.close();
        },
      });
      const events = [];
      for await (const event of serverSentEvents(body)) events.push(event);
      expect(events).toEqual([{ event: 'operation', data: '{"text":"grüße"}' }]);
    }
  });

  it('drops an event that was cut off', async () => {
    expect(await read('data: half')).toEqual([]);
  });
});
