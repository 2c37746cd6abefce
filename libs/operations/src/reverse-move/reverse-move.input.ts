import type { OnlineSwitch } from '../move-tenant/move-online.input.js';

/** `source` is the new place of the move, where the tenant is; `target` the old one, under a generation of its own. */
export interface ReverseMove extends OnlineSwitch {
  /** Generation of the old place's row, which `target` supersedes. */
  readonly back: number;
  readonly reverses: { readonly moveId: string; readonly generation: number };
}
