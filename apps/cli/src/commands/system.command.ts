import type { Command } from 'commander';
export function systemCommands(_program: Command): void {}
