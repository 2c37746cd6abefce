// Written so that any Node can parse it: an old one must get the sentence below, not a syntax error.
'use strict';

var needed = [20, 19];
var version = process.versions.node.split('.').map(Number);

if (version[0] < needed[0] || (version[0] === needed[0] && version[1] < needed[1])) {
  process.stderr.write(
    'berth: this is Node ' +
      process.versions.node +
      ', and Berth needs ' +
      needed.join('.') +
      ' or newer. Install it from https://nodejs.org or by your package manager.\n',
  );
  process.exitCode = 3;
} else {
  require('./import-launch.cjs');
}
