import { isMuchRetained } from '@berth/domain';
import { lookAtOpenStreams, noteLagsOfKept, type OpenStream } from '@berth/operations';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';

type StreamWatchPorts = Parameters<typeof lookAtOpenStreams>[0] & Parameters<typeof noteLagsOfKept>[0];

/** Tells logs and metrics how much log the servers keep for moves that are open, and moves how far their old place is behind. */
export class StreamWatch {
  readonly #retained: Gauge;
  readonly #share: Gauge;

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
    this.#share = new Gauge({
      name: 'berth_stream_retained_ratio',
      help: 'The same as a part of what its move may keep at most, where it is undone; the largest one. From 0.5 on somebody has to look.',
      labelNames: ['cluster'],
      registers: [metrics],
    });
  }

  async look(): Promise<void> {
    const streams = await lookAtOpenStreams(this.ports);
    const most = { bytes: new Map<string, number>(), share: new Map<string, number>() };
    for (const one of streams) {
      const { clusterId } = one.stream.from;
      const bytes = one.state?.retainedBytes ?? 0;
      keepLargest(most.bytes, clusterId, bytes);
      keepLargest(most.share, clusterId, bytes / one.maxRetainedBytes);
      const trouble = troubleOf(one);
      if (trouble === null) continue;
      const { moveId, tenantId, state } = one;
      this.log.warn({ moveId, tenantId, stream: one.stream.name, clusterId, ...state }, trouble);
    }
    tell(this.#retained, most.bytes);
    tell(this.#share, most.share);
    await noteLagsOfKept(this.ports, streams);
  }
}

function keepLargest(of: Map<string, number>, cluster: string, value: number): void {
  of.set(cluster, Math.max(of.get(cluster) ?? 0, value));
}

function tell(gauge: Gauge, values: ReadonlyMap<string, number>): void {
  gauge.reset();
  for (const [cluster, value] of values) gauge.set({ cluster }, value);
}

function troubleOf({ state, maxRetainedBytes }: OpenStream): string | null {
  if (state === null) return 'a server of an open move does not answer; the other one keeps its log for it';
  if (state.slot === 'lost') return 'a server has thrown away what the stream of an open move needs';
  if (!isMuchRetained(state.retainedBytes ?? 0, maxRetainedBytes)) return null;
  return 'a server keeps much of its log for an open move: complete it, reverse it, or mend what keeps the other place from following';
}
