/** What must be refused: plans without approval, and plans that somebody changed in the data folder. */
import { join } from 'node:path'
import { startPlan, workPlan } from '../server/remedy/apply.ts'
import { approvePlan } from '../server/remedy/approve.ts'
import { openDatabase, type Database } from '../server/store/control/database.ts'
import type { PlanRow } from '../server/store/control/remedy-rows.ts'
import type { RemedyWorld } from '../test/world/remedy-world.ts'
import type { WritePlatform } from '../test/world/write-platform.ts'
import { aWish, seeded } from './prove-remedy-world.ts'

type Verdict = [what: string, holds: boolean]

const refused = (work: () => unknown): boolean => {
  try {
    work()
    return false
  } catch {
    return true
  }
}

export async function proveUnapproved(world: RemedyWorld, platform: WritePlatform): Promise<Verdict> {
  const { ctx, reach } = world
  const random = seeded(7)
  const before = platform.ledger.length
  const olga = world.person('olga', 'operator')
  const proven = { ...olga, provenAt: ctx.clock.now() }
  const draft = async (requester = 'olga') =>
    (await world.draft([aWish(platform, 'etag-header', random)], { requester })).plan!
  let [tried, held] = [0, 0]
  const expect = (holds: boolean) => {
    tried++
    if (holds) held++
  }
  for (const person of [proven, world.person('adam', 'admin'), world.person('vera', 'viewer')]) {
    const plan = await draft()
    // Nobody without the role approves, nobody their own, nobody without a fresh proof.
    expect(refused(() => approvePlan(ctx, plan, person, { hash: plan.hash, reason: 'mine' })))
    expect(refused(() => startPlan(ctx, plan, proven)))
    await workPlan(ctx, reach, plan.id)
  }
  const anna = world.person('anna', 'approver')
  const own = await draft('anna')
  expect(refused(() => approvePlan(ctx, own, anna, { hash: own.hash, reason: 'mine' })))
  expect(
    refused(() =>
      ctx.control.addApproval({
        ...{ plan: own.id, approver: 'anna', requester: 'anna', hash: own.hash, reason: 'mine' },
        ...{ at: ctx.clock.now(), provenAt: ctx.clock.now() },
      }),
    ),
  )
  const plan = await draft()
  expect(refused(() => approvePlan(ctx, plan, { ...anna, provenAt: null }, { hash: plan.hash, reason: 'a token' })))
  expect(
    refused(() =>
      approvePlan(ctx, plan, { ...anna, provenAt: ctx.clock.now() - 301_000 }, { hash: plan.hash, reason: 'late' }),
    ),
  )
  expect(refused(() => approvePlan(ctx, plan, anna, { hash: '0'.repeat(64), reason: 'another plan' })))
  // Approved, and then the approver loses the role: the approval counts no more.
  const gone = world.person('greta', 'approver')
  const lost = await draft()
  const approved = world.approve(lost, { ...gone, provenAt: ctx.clock.now() })
  ctx.control.saveUser({ ...gone.user, role: 'viewer' })
  expect(refused(() => startPlan(ctx, approved, proven)))
  await workPlan(ctx, reach, lost.id)
  const written = platform.ledger.length - before
  return [
    `${held} of ${tried} attempts without a rightful approval refused, ${written} writes`,
    held === tried && written === 0,
  ]
}

/** Ways to change a plan behind our back; each leaves the database consistent in itself. */
const TAMPER: ((db: Database, plan: PlanRow, other: PlanRow, n: number) => void)[] = [
  (db, { id }, _, n) =>
    void db.run(`update plan_items set body = replace(body, 'New ', 'Evil${n} ') where plan = ? and seq = 1`, id),
  (db, { id }) =>
    void db.run(`update plan_items set body = replace(body, '"etag-header"', '"compare-journal"') where plan = ?`, id),
  (db, { id }) => void db.run('delete from plan_items where plan = ? and seq = 2', id),
  (db, { id }) =>
    void db.run(
      `insert into plan_items (plan, seq, body, entity, target, state) select plan, 99, body, entity, target || 'x', 'pending' from plan_items where plan = ? and seq = 1`,
      id,
    ),
  (db, { id }) =>
    void db.run(`update plans set header = replace(header, '"needs":[{', '"needs":[],"x":[{') where id = ?`, id),
  (db, { id }, _, n) => void db.run('update plans set expires_at = expires_at + ? where id = ?', 86_400_000 + n, id),
  (db, { id }) => void db.run(`update plans set requester = 'anna' where id = ?`, id),
  (db, { id }, other) =>
    void db.run('update plans set hash = ?, header = ? where id = ?', other.hash, other.header, id),
  (db, { id }) =>
    void db.run(
      `update plan_items set body = (select body from plan_items x where x.plan = plan_items.plan and x.seq = 3 - plan_items.seq) where plan = ?`,
      id,
    ),
  (db, { id }) => void db.run(`update approvals set reason = 'other words' where plan = ?`, id),
]

export async function proveTampering(world: RemedyWorld, platform: WritePlatform, count: number): Promise<Verdict> {
  const { ctx, reach } = world
  const random = seeded(11)
  const db = openDatabase(join(world.folder, 'control.sqlite'))
  for (const t of db.all<{ name: string }>(
    `select name from sqlite_master where type = 'trigger' and name not like 'audit%'`,
  ))
    db.run(`drop trigger ${t.name}`)
  const before = platform.ledger.length
  let refusals = 0
  const olga = { ...world.person('olga', 'operator'), provenAt: ctx.clock.now() }
  for (let n = 0; n < count; n++) {
    const two = async () => {
      const wishes = [aWish(platform, 'etag-header', () => 1), aWish(platform, 'etag-header', () => 1)]
      return (await world.draft(wishes)).plan!
    }
    const anna = { ...world.person('anna', 'approver'), provenAt: ctx.clock.now() }
    const [plan, other] = [world.approve(await two(), anna), await two()]
    TAMPER[n % TAMPER.length]!(db, plan, other, n)
    const now = ctx.control.plan(plan.id)!
    const proven = { ...olga, provenAt: ctx.clock.now() }
    const start = refused(() => startPlan(ctx, now, proven))
    // Somebody may also force the state; then the worker must refuse.
    if (random() < 0.5) db.run(`update plans set state = 'applying' where id = ?`, plan.id)
    const left = await workPlan(ctx, reach, plan.id)
    if (start && left.state !== 'done' && left.state !== 'partly') refusals++
  }
  db.close()
  const written = platform.ledger.length - before
  return [`${refusals} of ${count} tampered plans refused, ${written} writes`, refusals === count && written === 0]
}
