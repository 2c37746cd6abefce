// Whether the process with its health on this port of this container is ready: node health.mjs <port>
const [port] = process.argv.slice(2);
const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(4_000) }).catch(
  ({ message }) => ({ ok: false, text: async () => message }),
);
if (!answer.ok) {
  console.error(await answer.text());
  process.exitCode = 1;
}
