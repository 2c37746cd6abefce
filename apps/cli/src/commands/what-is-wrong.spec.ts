import { whatIsWrong } from './tenants.command.js';

describe('what is wrong with a tenant', () => {
  it('names the cause before what became of the tenant', () => {
    expect(whatIsWrong('It was not provisioned.', 'The cluster is full.')).toBe(
      'The cluster is full. It was not provisioned.',
    );
  });

  it('says nothing twice, and nothing when there is nothing', () => {
    expect(whatIsWrong('Stopped: The cluster is full.', 'The cluster is full.')).toBe('Stopped: The cluster is full.');
    expect(whatIsWrong('unpaid', undefined)).toBe('unpaid');
    expect(whatIsWrong(null, 'The cluster is full.')).toBe('The cluster is full.');
    expect(whatIsWrong(null, undefined)).toBeNull();
  });
});
