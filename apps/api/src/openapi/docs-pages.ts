import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { RouteTable } from '../http/route-table.js';

/** Of the package's 2.8 MB these are the files that a page needs; each is read when somebody asks for it, and not kept. */
const assets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Berth API</title><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
`;
const start = `SwaggerUIBundle({ url: '/docs/openapi.json', dom_id: '#ui', deepLinking: true, persistAuthorization: false });\n`;
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/** `/docs` works without any other server: its parts come from here. The document is made when it is first asked for. */
export function installDocs(server: FastifyInstance, table: RouteTable): void {
  let document: Promise<string> | undefined;
  const makeDocument = async (): Promise<string> => {
    const { openApiDocument } = await import('./openapi-document.js');
    return JSON.stringify(openApiDocument(table));
  };
  const serve = (path: string, type: string, read: () => Promise<string | Buffer> | string): void => {
    server.get(path, async (_request, reply) => {
      void reply
        .header('content-type', type)
        .header('content-security-policy', policy)
        .header('x-content-type-options', 'nosniff');
      return reply.send(await read());
    });
  };
  serve('/docs', 'text/html; charset=utf-8', () => page);
  serve('/docs/start.js', 'text/javascript; charset=utf-8', () => start);
  serve('/docs/openapi.json', 'application/json; charset=utf-8', () => (document ??= makeDocument()));
  for (const [file, type] of Object.entries(assets)) serve(`/docs/${file}`, type, () => readFile(assetPath(file)));
}

function assetPath(file: string): string {
  return fileURLToPath(new URL(`static/${file}`, import.meta.resolve('@fastify/swagger-ui')));
}
