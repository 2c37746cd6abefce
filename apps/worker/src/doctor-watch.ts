import type { Doctor } from '@berth/operations';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';

/** Tells logs and metrics what the doctor finds. It only looks: mending is for who asks. */
export class DoctorWatch {
  readonly #findings: Gauge;
  readonly #unexamined: Gauge;

  constructor(
    private readonly doctor: Pick<Doctor, 'examine'>,
    metrics: Registry,
    private readonly log: Logger,
  ) {
    const registers = [metrics];
    this.#findings = new Gauge({
      name: 'berth_doctor_findings',
      help: 'What the last examination found, by severity.',
      labelNames: ['severity'],
      registers,
    });
    this.#unexamined = new Gauge({
      name: 'berth_doctor_unexamined',
      help: 'Parts that the last examination could not look at.',
      registers,
    });
  }

  async look(): Promise<void> {
    const { findings, notExamined, ms } = await this.doctor.examine(null);
    for (const severity of ['error', 'warning', 'info'] as const)
      this.#findings.set({ severity }, findings.filter((finding) => finding.severity === severity).length);
    this.#unexamined.set(notExamined.length);
    for (const { severity, check, code, object, message, remedy } of findings)
      if (severity === 'error') this.log.error({ check, code, object, remedy }, message);
    this.log.info({ findings: findings.length, notExamined: notExamined.length, ms }, 'the system was examined');
  }
}
