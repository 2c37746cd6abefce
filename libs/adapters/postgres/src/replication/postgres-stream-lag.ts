import { asBerthError, type ReplicationStream } from '@berth/domain';
import { StreamLag } from '@berth/ports';
import type { ClusterConnections } from '../connection/index.js';
import { awaitMarkBetween, sendMark } from './marker.js';

interface Marker {
  readonly mark: number;
  /** Of the monotonic clock, when it was committed. */
  readonly sentAtMs: number;
}

/**
 * Remembers the marker that did not come in time, and sends no other behind it: its age is the lag until it is there. Another
 * process begins with one of its own, so what it tells is never more than the truth.
 */
export class PostgresStreamLag extends StreamLag {
  readonly #underWay = new Map<string, Marker>();

  constructor(private readonly connections: ClusterConnections) {
    super();
  }

  async measure(
    stream: ReplicationStream,
    { timeoutMs }: { readonly timeoutMs: number },
  ): Promise<{ readonly ms: number }> {
    const before = this.#underWay.get(stream.name);
    if (before !== undefined && !(await this.#hasCome(stream, before, timeoutMs))) return ageOf(before);
    const mark = await sendMark(this.connections, stream);
    const sent = { mark, sentAtMs: performance.now() };
    this.#underWay.set(stream.name, sent);
    await this.#hasCome(stream, sent, timeoutMs);
    return ageOf(sent);
  }

  async #hasCome(stream: ReplicationStream, { mark }: Marker, timeoutMs: number): Promise<boolean> {
    try {
      await awaitMarkBetween(this.connections, stream, mark, timeoutMs);
    } catch (error) {
      const { code } = asBerthError(error);
      if (code === 'stream-stalled') return false;
      if (code === 'stream-lost') this.#underWay.delete(stream.name);
      throw error;
    }
    this.#underWay.delete(stream.name);
    return true;
  }
}

const ageOf = ({ sentAtMs }: Marker): { readonly ms: number } => ({ ms: Math.round(performance.now() - sentAtMs) });
