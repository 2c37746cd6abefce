import type { RouteOptions } from 'fastify';
import type { Scope } from '@berth/ports';
import type { RouteDescription } from './route.js';

export interface TableRoute {
  readonly method: string;
  /** As Fastify writes it: `/v1/tenants/:tenantId`. */
  readonly path: string;
  readonly scopes: readonly Scope[];
  readonly description: RouteDescription;
}

/** The routes as the server registers them: what is documented, and checked at boot, is what is served. */
export class RouteTable {
  readonly routes: TableRoute[] = [];
  private readonly shapes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  private readonly faults: string[] = [];

  add(options: RouteOptions): void {
    for (const method of [options.method].flat()) this.addOne(method, options);
  }

  private addOne(method: string, options: RouteOptions): void {
    const shape = this.shapes.get(options.url) ?? { pattern: patternOf(options.url), methods: new Set<string>() };
    shape.methods.add(method);
    this.shapes.set(options.url, shape);
    if (method === 'HEAD' || !options.url.startsWith('/v1/')) return;
    const entry = options.config?.berth;
    const name = `${method} ${options.url}`;
    if (entry === undefined || entry.scopes.length === 0) this.faults.push(`${name} names no scope`);
    if (entry?.description === undefined) this.faults.push(`${name} is not described`);
    else this.routes.push({ method, path: options.url, scopes: entry.scopes, description: entry.description });
  }

  /** @throws Error with every route that forgot its scope or its description: such a route must never be served */
  verify(): void {
    if (this.faults.length > 0) throw new Error(`The API cannot start:\n  ${this.faults.join('\n  ')}`);
  }

  /** All that is served, the documentation too: `GET /v1/tenants`, sorted. */
  get served(): readonly string[] {
    return [...this.shapes].flatMap(([url, { methods }]) => [...methods].map((method) => `${method} ${url}`)).sort();
  }

  /** Methods of the routes at this path; empty: none. */
  methodsAt(path: string): readonly string[] {
    const methods = [...this.shapes.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((shape) => [...shape.methods]);
    return [...new Set(methods)].sort();
  }
}

/** What the router takes for this route. */
export function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replaceAll('.', '\\.').replace(/:[A-Za-z]+/g, '[^/]+')}$`);
}
