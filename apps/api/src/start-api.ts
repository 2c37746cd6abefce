import type { AddressInfo } from 'node:net';
import type { DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Config } from '@berth/config';
import { ApiKeyCatalog, AuditLog, JobQueue, PlanCatalog, RequestCounter, SecretStore } from '@berth/ports';
import { HealthServer } from '@berth/telemetry';
import { admitBootstrapKey } from './access/bootstrap-key.js';
import { createApi } from './create-api.js';
import { ApiMetrics } from './telemetry/metrics.js';

export interface RunningApi {
  readonly port: number;
  readonly healthPort: number;
  /** Answers what is under way, ends the event streams, closes the parts. */
  readonly stop: () => Promise<void>;
}

export type ApiConfig = Pick<
  Config,
  | 'BERTH_API_HOST'
  | 'BERTH_API_PORT'
  | 'BERTH_API_HEALTH_PORT'
  | 'BERTH_BOOTSTRAP_KEY_FILE'
  | 'BERTH_RATE_LIMIT_PER_MINUTE'
  | 'BERTH_TRUSTED_PROXIES'
>;

/** Starts the API over its ports. It listens last: whoever reaches it finds it able to answer. */
export async function startApi(ports: DynamicModule, config: ApiConfig, log: Logger): Promise<RunningApi> {
  const { app, server } = await createApi(ports, {
    log,
    requestsPerMinute: config.BERTH_RATE_LIMIT_PER_MINUTE,
    trustedProxies: config.BERTH_TRUSTED_PROXIES,
  });
  const part = <T>(token: abstract new (...given: never[]) => T): T => app.get(token as never, { strict: false });
  const health = new HealthServer({
    host: config.BERTH_API_HOST,
    port: config.BERTH_API_HEALTH_PORT,
    metrics: app.get(ApiMetrics).registry,
    checks: {
      catalog: async () => void (await part(PlanCatalog).list()),
      secrets: () => part(SecretStore).check(),
      queue: async () => void (await part(JobQueue).depth()),
    },
  });
  try {
    if (config.BERTH_BOOTSTRAP_KEY_FILE !== undefined) {
      await admitBootstrapKey(config.BERTH_BOOTSTRAP_KEY_FILE, part(ApiKeyCatalog), part(AuditLog));
    }
    const healthPort = await health.start();
    await app.listen(config.BERTH_API_PORT, config.BERTH_API_HOST);
    const { port } = server.server.address() as AddressInfo;
    const stop = async (): Promise<void> => {
      await app.close();
      await part(RequestCounter).close();
      await health.stop();
    };
    return { port, healthPort, stop };
  } catch (error) {
    await app.close();
    throw error;
  }
}
