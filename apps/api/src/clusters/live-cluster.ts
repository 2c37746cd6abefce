import { Injectable } from '@nestjs/common';
import type { Cluster } from '@berth/domain';
import { ClusterProbe, Infrastructure, type InstanceReport } from '@berth/ports';

const longestMs = 2_000;

/** What is asked of a cluster's server and of its provider while somebody waits for the answer. */
@Injectable()
export class LiveCluster {
  constructor(
    private readonly probe: ClusterProbe,
    private readonly infrastructure: Infrastructure,
  ) {}

  loadOf(id: string): Promise<Awaited<ReturnType<ClusterProbe['load']>> | null> {
    return withinTime(this.probe.load(id));
  }

  /** Of the clusters that Berth made itself: no provider is asked about another's server. */
  async instanceOf({ id, managed }: Cluster): Promise<InstanceReport | null> {
    return managed ? withinTime(this.infrastructure.report(id)) : null;
  }
}

/** A server or provider that is away or slow says nothing; that is an answer, not a fault of the request. */
async function withinTime<T>(asked: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), longestMs);
  });
  try {
    return await Promise.race([asked.catch(() => null), tooSlow]);
  } finally {
    clearTimeout(timer);
  }
}
