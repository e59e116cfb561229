/** People in the control store: users, their sessions and tokens, and one-time secrets. Secrets are kept as hashes only. */
import type { ApiToken, ControlStore, Session, User } from './control.ts'
import type { Database } from './database.ts'

type People = Pick<
  ControlStore,
  | 'users'
  | 'user'
  | 'userByEmail'
  | 'saveUser'
  | 'addOneTime'
  | 'takeOneTime'
  | 'addSession'
  | 'session'
  | 'touchSession'
  | 'dropSession'
  | 'dropSessionsOf'
  | 'addToken'
  | 'tokenByHash'
  | 'tokens'
  | 'touchToken'
  | 'dropToken'
>

const USER = 'id, email, name, role, password_hash as passwordHash, disabled, created_at as createdAt'
const SESSION =
  'id, user_id as userId, created_at as createdAt, last_seen_at as lastSeenAt, absolute_until as absoluteUntil, proven_at as provenAt'
const TOKEN =
  'id, user_id as userId, name, hash, role, created_at as createdAt, expires_at as expiresAt, last_used_at as lastUsedAt'

export function people(db: Database): People {
  return { ...accounts(db), ...sessions(db), ...tokens(db) }
}

type UserRow = Omit<User, 'disabled'> & { disabled: number }
const user = (row: UserRow): User => ({ ...row, disabled: row.disabled === 1 })
const userOrNull = (row: UserRow | null): User | null => row && user(row)

function accounts(db: Database) {
  return {
    users: () => db.all<UserRow>(`select ${USER} from users order by email`).map(user),
    user: (id: string) => userOrNull(db.get<UserRow>(`select ${USER} from users where id = ?`, id)),
    userByEmail: (email: string) => userOrNull(db.get<UserRow>(`select ${USER} from users where email = ?`, email)),
    /** A person who is disabled or gets a new password is signed out everywhere, in the same transaction. */
    saveUser: ({ id, email, name, role, passwordHash, disabled, createdAt }: User) =>
      db.transaction(() => {
        const before = db.get<UserRow>(`select ${USER} from users where id = ?`, id)
        db.run(
          `insert into users (id, email, name, role, password_hash, disabled, created_at) values (?, ?, ?, ?, ?, ?, ?)
           on conflict (id) do update set email = excluded.email, name = excluded.name, role = excluded.role,
             password_hash = excluded.password_hash, disabled = excluded.disabled`,
          id,
          email,
          name,
          role,
          passwordHash,
          disabled ? 1 : 0,
          createdAt,
        )
        if (disabled || (before && before.passwordHash !== passwordHash))
          db.run('delete from sessions where user_id = ?', id)
      }),
    addOneTime(hash: string, purpose: string, expiresAt: number) {
      db.run('insert into one_time (hash, purpose, expires_at) values (?, ?, ?)', hash, purpose, expiresAt)
    },
    takeOneTime: (hash: string, purpose: string, now: number) =>
      db.transaction(() => {
        db.run('delete from one_time where expires_at <= ?', now)
        return db.run('delete from one_time where hash = ? and purpose = ?', hash, purpose) === 1
      }),
  }
}

function sessions(db: Database) {
  return {
    addSession(s: Session) {
      db.run(
        'insert into sessions (id, user_id, created_at, last_seen_at, absolute_until, proven_at) values (?, ?, ?, ?, ?, ?)',
        s.id,
        s.userId,
        s.createdAt,
        s.lastSeenAt,
        s.absoluteUntil,
        s.provenAt,
      )
    },
    session: (id: string) => db.get<Session>(`select ${SESSION} from sessions where id = ?`, id),
    touchSession(id: string, at: number, provenAt?: number) {
      db.run(
        'update sessions set last_seen_at = ?, proven_at = coalesce(?, proven_at) where id = ?',
        at,
        provenAt ?? null,
        id,
      )
    },
    dropSession(id: string) {
      db.run('delete from sessions where id = ?', id)
    },
    dropSessionsOf(userId: string) {
      db.run('delete from sessions where user_id = ?', userId)
    },
  }
}

function tokens(db: Database) {
  return {
    addToken(t: ApiToken) {
      db.run(
        'insert into tokens (id, user_id, name, hash, role, created_at, expires_at, last_used_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
        t.id,
        t.userId,
        t.name,
        t.hash,
        t.role,
        t.createdAt,
        t.expiresAt,
        t.lastUsedAt,
      )
    },
    tokenByHash: (hash: string) => db.get<ApiToken>(`select ${TOKEN} from tokens where hash = ?`, hash),
    tokens: (userId?: string) =>
      userId === undefined
        ? db.all<ApiToken>(`select ${TOKEN} from tokens order by created_at, id`)
        : db.all<ApiToken>(`select ${TOKEN} from tokens where user_id = ? order by created_at, id`, userId),
    touchToken(id: string, at: number) {
      db.run('update tokens set last_used_at = ? where id = ?', at, id)
    },
    dropToken(id: string) {
      db.run('delete from tokens where id = ?', id)
    },
  }
}
