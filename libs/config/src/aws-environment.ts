import { z } from 'zod';

const optionalText = z.string().min(1).optional();

/**
 * How the SDK and Terraform's provider find their credentials. Both read the environment by themselves; these stand here so that
 * Terraform is given these names and no others.
 */
export const awsEnvironment = {
  AWS_ACCESS_KEY_ID: optionalText,
  AWS_SECRET_ACCESS_KEY: optionalText,
  AWS_SESSION_TOKEN: optionalText,
  AWS_PROFILE: optionalText,
  AWS_CONFIG_FILE: optionalText,
  AWS_SHARED_CREDENTIALS_FILE: optionalText,
  AWS_ROLE_ARN: optionalText,
  AWS_ROLE_SESSION_NAME: optionalText,
  AWS_WEB_IDENTITY_TOKEN_FILE: optionalText,
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: optionalText,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: optionalText,
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: optionalText,
  AWS_CA_BUNDLE: optionalText,
} as const;
