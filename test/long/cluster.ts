// A Slurm of one node, of its own: daemons, key and ports, in a folder that goes with it.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { availableParallelism, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

const execute = promisify(execFile);

export class Cluster {
  readonly folder = mkdtempSync(join(tmpdir(), "bestrq-slurm-"));
  private readonly daemons: ChildProcess[] = [];

  /** Starts it, and waits until its node takes jobs. @throws Error with the logs' last lines where it does not */
  static async start(): Promise<Cluster> {
    const cluster = new Cluster();
    try {
      await cluster.begin();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** Runs one of Slurm's commands. @returns what it prints */
  async command(name: string, ...args: string[]): Promise<string> {
    const asRoot = { OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1" };
    const env = { ...process.env, ...asRoot, SLURM_CONF: join(this.folder, "slurm.conf") };
    return (await execute(name, args, { env })).stdout.trim();
  }

  /** Submits a script and waits until none of its tasks is left. @returns the job's number */
  async run(script: string): Promise<string> {
    const job = (await this.command("sbatch", "--parsable", script)).split(";")[0];
    while (await this.command("squeue", "--noheader")) await wait(1000);
    return job;
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    for (const daemon of this.daemons.reverse()) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue;
      const ended = new Promise((resolve) => daemon.once("exit", resolve));
      daemon.kill("SIGTERM");
      await Promise.race([ended, wait(10_000).then(() => daemon.kill("SIGKILL"))]);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async begin(): Promise<void> {
    const at = (name: string) => join(this.folder, name);
    for (const name of ["state", "spool", "run"]) mkdirSync(at(name));
    writeFileSync(at("munge.key"), randomBytes(1024), { mode: 0o400 });
    const host = hostname().split(".")[0];
    const [controller, node] = [await freePort(), await freePort()];
    writeFileSync(
      at("slurm.conf"),
      `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmdPort=${node}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=${at("run/munge")}
StateSaveLocation=${at("state")}
SlurmdSpoolDir=${at("spool")}
SlurmctldPidFile=${at("run/slurmctld.pid")}
SlurmdPidFile=${at("run/slurmd.pid")}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${availableParallelism()} RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`,
    );
    const munge = ["key-file=munge.key", "socket=run/munge", "pid-file=run/munge.pid", "seed-file=run/seed"];
    this.daemon(
      "munged",
      "--foreground",
      "--force",
      ...munge.map((one) => `--${one.replace("=", `=${this.folder}/`)}`),
    );
    await wait(1000);
    this.daemon("slurmctld", "-D", "-f", at("slurm.conf"));
    this.daemon("slurmd", "-D", "-f", at("slurm.conf"), "-N", host);
    for (let tries = 0; tries < 120; tries++) {
      await wait(1000);
      const state = await this.command("sinfo", "--noheader", "--format=%T").catch(() => "");
      if (state === "idle") return;
    }
    const logs = ["munged", "slurmctld", "slurmd"].map((name) => readFileSync(at(`${name}.log`), "utf8").slice(-1000));
    throw new Error(`Cannot start Slurm: its node takes no jobs. ${logs.join("\n")}`);
  }

  private daemon(name: string, ...args: string[]): void {
    const log = openSync(join(this.folder, `${name}.log`), "a");
    const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, SLURM_CONF: join(this.folder, "slurm.conf") };
    this.daemons.push(spawn(name, args, { env, stdio: ["ignore", log, log] }));
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
