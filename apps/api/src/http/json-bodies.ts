import type { FastifyInstance } from 'fastify';

/** The largest body is a cluster's registration with its certificate. */
export const largestBodyBytes = 256 * 1024;

/** JSON alone; an empty body with the JSON type is no body, as many clients send it with each POST. */
export function installJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parse = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: largestBodyBytes },
    (request, body, done) => {
      if (body === '') done(null, undefined);
      else void parse(request, body as string, done);
    },
  );
}
