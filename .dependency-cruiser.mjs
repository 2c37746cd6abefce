// Who may import whom. test/architecture/rules.spec.ts seeds one violation for each rule and expects it to be found, so a
// rule that can no longer fail is itself a failure.

const spec = '\\.spec\\.ts$';
const testCode = `${spec}|^libs/testing/|^test/`;
/** Any package's folder: `apps/api`, `libs/domain`, `libs/adapters/postgres`. */
const packageFolder = '(?:apps|libs/adapters|libs(?!/adapters/))/[^/]+';
const npm = 'node_modules/';

/** One vendor, one folder: the package, and the only place that may know it. */
const vendors = [
  ['typeorm', '^libs/adapters/catalog/'],
  ['@nestjs/typeorm', '^libs/adapters/catalog/'],
  ['bullmq', '^libs/adapters/bullmq/|\\.processor\\.ts$'],
  ['@nestjs/bullmq', '^libs/adapters/bullmq/|^apps/worker/'],
  ['ioredis', '^libs/adapters/redis/'],
  ['rate-limiter-flexible', '^libs/adapters/rate-limiter/'],
  // The PostgreSQL driver is the wire itself: tenants' clusters, the catalog and the queue each speak it in their folder; the
  // demo plays a product that uses its tenant's database.
  ['pg', '^libs/(adapters|client)/|^apps/cli/src/demo/'],
  ['@aws-sdk', '^libs/adapters/aws/'],
  ['node-vault', '^libs/adapters/vault/'],
  ['axios', '^libs/adapters/vault/'],
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle has no first file to read, and breaks emitted decorator metadata at load time.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import that does not resolve here fails at run time.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'domain-imports-nothing',
      comment: 'The domain is pure: no package, no I/O. Hashes are arithmetic, so of Node it may use crypto alone.',
      severity: 'error',
      from: { path: '^libs/domain/', pathNot: spec },
      to: { pathNot: '^libs/domain/|^(node:)?crypto$' },
    },
    {
      name: 'ports-import-only-domain',
      comment: 'No vendor type crosses a port.',
      severity: 'error',
      from: { path: '^libs/ports/', pathNot: spec },
      to: { pathNot: '^libs/(ports|domain)/' },
    },
    {
      name: 'saga-knows-no-tenant',
      comment: 'The engine runs anybody’s steps: Node’s own modules, nothing of ours, no package.',
      severity: 'error',
      from: { path: '^libs/saga/', pathNot: spec },
      to: { pathNot: '^libs/saga/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'operations-are-pure-of-vendors',
      comment: 'Operations speak to ports: never an adapter, Nest, TypeORM, BullMQ or an SDK, nor the configuration.',
      severity: 'error',
      from: { path: '^libs/operations/', pathNot: spec },
      to: { pathNot: '^libs/(operations|domain|ports|saga)/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'config-imports-no-part',
      comment: 'The schema of the configuration is read before any part exists.',
      severity: 'error',
      from: { path: '^libs/config/', pathNot: spec },
      to: { path: '^(libs|apps)/', pathNot: '^libs/(config|domain)/' },
    },
    {
      name: 'adapters-apart',
      comment:
        'Adapters never import each other: each can be replaced alone. One exception, local-postgres: it wraps no service, ' +
        'it finds and runs the PostgreSQL programs of this machine, and whoever makes a local instance stands on it.',
      severity: 'error',
      from: { path: '^libs/adapters/([^/]+)/', pathNot: spec },
      to: { path: '^libs/adapters/', pathNot: '^libs/adapters/($1|local-postgres)/' },
    },
    {
      name: 'adapters-below-operations',
      comment: 'Adapters serve ports; they never know which operation calls them.',
      severity: 'error',
      from: { path: '^libs/adapters/', pathNot: spec },
      to: { path: '^libs/operations/' },
    },
    {
      name: 'apps-on-top',
      comment: 'No library knows an app.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-apart',
      comment: 'Apps meet over the network and the catalog.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: spec },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'nest-only-in-apps-and-modules',
      comment: 'The framework composes at the edge; what it composes does not know it.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: `^apps/|\\.module\\.ts$|${testCode}` },
      to: { path: `${npm}@nestjs/` },
    },
    ...vendors.map(([vendor, home]) => ({
      name: `one-folder-for-${vendor.replace('@', '').replace('/', '-')}`,
      comment: `${vendor} is known in one folder only, so that it can be replaced there.`,
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: `${home}|${testCode}` },
      to: { path: `${npm}${vendor}/` },
    })),
    {
      name: 'client-stands-alone',
      comment: 'The client library is published: of this repository nothing comes with it.',
      severity: 'error',
      from: { path: '^libs/client/', pathNot: spec },
      to: { path: '^(libs|apps)/', pathNot: '^libs/client/' },
    },
    {
      name: 'one-public-index',
      comment:
        'A package is what its index exports; its files may move. The client has a second one, for those who use Nest.',
      severity: 'error',
      from: { path: `^(${packageFolder})/` },
      to: { path: `^${packageFolder}/`, pathNot: '^$1/|/src/index\\.ts$|^libs/client/src/nestjs/index\\.ts$' },
    },
    {
      name: 'packages-by-name',
      comment: 'Across packages by `@berth/<name>`: a relative path bypasses the declared dependency.',
      severity: 'error',
      from: { path: `^(${packageFolder})/` },
      to: { path: `^${packageFolder}/`, pathNot: '^$1/', dependencyTypesNot: ['aliased-workspace'] },
    },
    {
      name: 'testing-only-in-tests',
      comment: 'Fakes and fixtures never reach production code.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: testCode },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'specs-are-leaves',
      comment: 'What two specs share belongs to libs/testing.',
      severity: 'error',
      from: {},
      to: { path: spec },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/|^libs/client/types/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
    cache: false,
  },
};
