/**
 * Ends a transaction whose client does not go on, after `ms`: stopped, cut off or dead without its socket closing. The server keeps
 * this clock, so the tenant's writers wait for nobody longer. To be run inside that transaction.
 */
export function boundBy(ms: number): string {
  const bound = String(Math.max(1, Math.ceil(ms)));
  return `SET LOCAL statement_timeout = ${bound}; SET LOCAL idle_in_transaction_session_timeout = ${bound}`;
}
