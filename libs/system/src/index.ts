export * from './system.module.js';
export { ToolsToken } from './tools.provider.js';
