import type { TestPostgres } from '@berth/testing';
import pg from 'pg';

/** Reads what the subscriptions of some servers connect by, again and again: the one place where a stream's password is kept. */
export class StreamPasswords {
  readonly #seen = new Set<string>();
  readonly #clients: pg.Client[] = [];
  #timer: NodeJS.Timeout | undefined;

  get seen(): readonly string[] {
    return [...this.#seen];
  }

  async start(servers: readonly TestPostgres[]): Promise<void> {
    for (const server of servers) {
      const client = new pg.Client({ connectionString: server.superuserUrl('postgres') });
      client.on('error', () => undefined);
      await client.connect();
      this.#clients.push(client);
    }
    this.#timer = setInterval(() => void Promise.all(this.#clients.map((client) => this.#look(client))), 50);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#clients.splice(0).map((client) => client.end()));
  }

  async #look(client: pg.Client): Promise<void> {
    const held = `SELECT substring(subconninfo FROM 'password=''?([^ '']+)') AS password FROM pg_subscription`;
    const { rows } = await client.query<{ password: string | null }>(held).catch(() => ({ rows: [] }));
    for (const { password } of rows) if (password !== null) this.#seen.add(password);
  }
}
