import { isScramVerifier, scramVerifier } from './scram.js';

describe('scramVerifier', () => {
  it('computes what RFC 7677 computes', () => {
    // Salt, password and iterations of the example exchange in RFC 7677, section 3; the keys follow from its client proof.
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
    expect(scramVerifier('pencil', { salt, iterations: 4096 })).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });

  it('takes a new salt each time', () => {
    expect(scramVerifier('pencil')).not.toBe(scramVerifier('pencil'));
    expect(isScramVerifier(scramVerifier('pencil'))).toBe(true);
  });

  it.each(['', 'pässword', 'line\nbreak'])('refuses %j, which a client might normalise', (password) => {
    expect(() => scramVerifier(password)).toThrow(RangeError);
  });
});

describe('isScramVerifier', () => {
  it.each(['pencil', '', "SCRAM-SHA-256$4096:a$b:c'; DROP ROLE x; --"])('refuses %j', (text) => {
    expect(isScramVerifier(text)).toBe(false);
  });
});
