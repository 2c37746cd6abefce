export { FencedToolsToken, type FencedTools } from './fenced-tools.js';
export * from './system.module.js';
export { ToolsToken } from './tools.provider.js';
