import { defaultStreamLimits } from '@berth/domain';
import { lookAtOpenStreams, noteLagsOfKept, type OpenStream } from '@berth/operations';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';

/** Before its switch a move is undone at the limit; afterwards nobody but a person can say which place may go. */
const warnBytes = defaultStreamLimits.maxRetainedBytes / 2;

type StreamWatchPorts = Parameters<typeof lookAtOpenStreams>[0] & Parameters<typeof noteLagsOfKept>[0];

/** Tells logs and metrics how much log the servers keep for moves that are open, and moves how far their old place is behind. */
export class StreamWatch {
  readonly #retained: Gauge;

  constructor(
    private readonly ports: StreamWatchPorts,
    metrics: Registry,
    private readonly log: Logger,
  ) {
    this.#retained = new Gauge({
      name: 'berth_stream_retained_bytes',
      help: 'Write-ahead log that a cluster keeps for the stream of an open move, the largest one.',
      labelNames: ['cluster'],
      registers: [metrics],
    });
  }

  async look(): Promise<void> {
    const streams = await lookAtOpenStreams(this.ports);
    const byCluster = new Map<string, number>();
    for (const one of streams) {
      const { clusterId } = one.stream.from;
      byCluster.set(clusterId, Math.max(byCluster.get(clusterId) ?? 0, one.state?.retainedBytes ?? 0));
      const trouble = troubleOf(one);
      if (trouble === null) continue;
      const { moveId, tenantId, state } = one;
      this.log.warn({ moveId, tenantId, stream: one.stream.name, clusterId, ...state }, trouble);
    }
    this.#retained.reset();
    for (const [cluster, bytes] of byCluster) this.#retained.set({ cluster }, bytes);
    await noteLagsOfKept(this.ports, streams);
  }
}

function troubleOf({ state }: OpenStream): string | null {
  if (state === null) return 'a server of an open move does not answer; the other one keeps its log for it';
  if (state.slot === 'lost') return 'a server has thrown away what the stream of an open move needs';
  if ((state.retainedBytes ?? 0) < warnBytes) return null;
  return 'a server keeps much of its log for an open move: complete it, reverse it, or mend what keeps the other place from following';
}
