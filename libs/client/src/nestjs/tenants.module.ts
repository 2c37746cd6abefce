import {
  createParamDecorator,
  Inject,
  Injectable,
  Module,
  type CallHandler,
  type DynamicModule,
  type ExecutionContext,
  type FactoryProvider,
  type NestInterceptor,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { Observable } from 'rxjs';
import { createTenants, type TenantsOptions, Tenants } from '../tenants.js';
import { currentTenant, type Tenant as TenantHandle } from '../tenant.js';

/** Which tenant a request is for: from what your authentication found. Undefined: none, it runs outside of any tenant. */
export type TenantOf = (request: unknown, context: ExecutionContext) => string | undefined;

export interface TenantsModuleOptions extends TenantsOptions {
  readonly tenantOf: TenantOf;
}

const optionsToken = Symbol('options of TenantsModule');

export type Tenant = TenantHandle;

/**
 * A parameter of a handler: `@Tenant() tenant: Tenant`, that of the request. Services find the same one by `currentTenant()`.
 * Guards run before it is known.
 */
export const Tenant = createParamDecorator(() => currentTenant());

/** Runs the pipes, the handler and all that they call in the scope of the request's tenant. */
@Injectable()
export class TenantScope implements NestInterceptor {
  constructor(
    @Inject(Tenants) private readonly tenants: Tenants,
    @Inject(optionsToken) private readonly options: TenantsModuleOptions,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request: unknown = context.getArgByIndex(0);
    const tenantId = this.options.tenantOf(request, context);
    if (tenantId === undefined) return next.handle();
    return new Observable((subscriber) => this.tenants.run(tenantId, () => next.handle().subscribe(subscriber)));
  }
}

/** Gives `Tenants` to be injected, puts each request into the scope of its tenant, and closes everything with the application. */
@Module({})
export class TenantsModule implements OnApplicationShutdown {
  constructor(@Inject(Tenants) private readonly tenants: Tenants) {}

  static forRoot(options: TenantsModuleOptions): DynamicModule {
    return TenantsModule.forRootAsync({ useFactory: () => options });
  }

  static forRootAsync(options: Pick<FactoryProvider<TenantsModuleOptions>, 'useFactory' | 'inject'>): DynamicModule {
    return {
      module: TenantsModule,
      global: true,
      providers: [
        { provide: optionsToken, ...options },
        { provide: Tenants, useFactory: createTenants, inject: [optionsToken] },
        { provide: APP_INTERCEPTOR, useClass: TenantScope },
      ],
      exports: [Tenants],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.tenants.close();
  }
}
