import type { ProcessIdentity } from '@berth/local-postgres';
import type { Home } from './home.js';
import { readJson, writeJson } from './json-file.js';

export const programNames = ['api', 'worker'] as const;
export type ProgramName = (typeof programNames)[number];

/** `given-up`: it ended too often in a short time; the rest of the system goes on without it. */
export type ProgramState = 'starting' | 'running' | 'restarting' | 'given-up' | 'stopped';

export interface ProgramRecord {
  readonly state: ProgramState;
  readonly process: ProcessIdentity | null;
  readonly restarts: number;
}

export type SystemPhase = 'starting' | 'ready' | 'stopping' | 'stopped';

/** What the supervisor knows, for other commands and for the next start. It may be out of date: processes are asked. */
export interface SystemState {
  readonly version: 1;
  readonly phase: SystemPhase;
  readonly supervisor: ProcessIdentity | null;
  /** From the command to ready, of the last start. */
  readonly readyMs: number | null;
  readonly programs: Readonly<Record<ProgramName, ProgramRecord>>;
}

const absent: ProgramRecord = { state: 'stopped', process: null, restarts: 0 };
export const emptyState: SystemState = {
  version: 1,
  phase: 'stopped',
  supervisor: null,
  readyMs: null,
  programs: { api: absent, worker: absent },
};

/** A file damaged by a full disk counts as absent: processes are recognised by other means as well. */
export async function readState(home: Home): Promise<SystemState> {
  const found = await readJson<Partial<SystemState>>(home.state).catch(() => undefined);
  return found?.version === 1 ? { ...emptyState, ...found } : emptyState;
}

/** Keeps state.json equal to what it is told, one write after the other. */
export class StateFile {
  private current: SystemState;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly home: Home,
    initial: SystemState,
  ) {
    this.current = initial;
  }

  get state(): SystemState {
    return this.current;
  }

  change(change: Partial<Omit<SystemState, 'version' | 'programs'>>): Promise<void> {
    return this.write({ ...this.current, ...change });
  }

  changeProgram(name: ProgramName, record: ProgramRecord): Promise<void> {
    return this.write({ ...this.current, programs: { ...this.current.programs, [name]: record } });
  }

  private write(state: SystemState): Promise<void> {
    this.current = state;
    this.writing = this.writing.catch(() => undefined).then(() => writeJson(this.home.state, state));
    return this.writing;
  }
}
