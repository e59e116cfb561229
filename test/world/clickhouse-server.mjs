/**
 * A real ClickHouse server over HTTP, out of the npm package `chdb`: no Docker, no compiler, no download.
 *
 * libchdb contains the whole `clickhouse local` program behind one C function, chdb_query_cmdline(argc, argv), and
 * `clickhouse local` opens its listening socket on SYSTEM START LISTEN. A child process runs that function with a query
 * that opens the socket and then reads standard input until end of file. The parent holds the other end of that pipe:
 * closing it stops the server, and the child stops by itself when the parent dies, kill -9 included.
 *
 * There is no access control, so it listens on a loopback address only. Plain JavaScript, because the child runs this
 * very file with bare Node. Linux with glibc.
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { get } from 'node:http'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { mkdirSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const SELF = fileURLToPath(import.meta.url)
const CHILD_FLAG = '--run-engine'

/** See clickhouse-server.d.mts. */
export async function startClickHouseServer(options) {
  const host = '127.0.0.1'
  const httpPort = options.httpPort || (await freePort(host))
  const path = resolve(options.path)
  mkdirSync(path, { recursive: true })

  const engineArgs = [
    'clickhouse',
    '--multiquery',
    `--path=${path}`,
    `--listen_host=${host}`,
    `--http_port=${httpPort}`,
    '--query',
    // file('-') is standard input: this query ends when the parent closes the pipe.
    `SYSTEM START LISTEN HTTP; SELECT count() FROM file('-', 'LineAsString', 'line String') SETTINGS max_execution_time = 0`,
  ]

  const output = options.stdio ?? 'inherit'
  const child = spawn(process.execPath, [SELF, CHILD_FLAG, ...engineArgs], { stdio: ['pipe', output, output] })
  child.stdin.on('error', () => {}) // the child may be gone before we close the pipe
  const exited = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })))

  const url = `http://${host}:${httpPort}`
  const server = {
    url,
    path,
    pid: child.pid,
    /** Resolves with {code, signal} when the engine process ends, however that comes about. */
    exited,
    /** Closes the server; running queries get `graceMs` to finish before the process is killed. */
    async stop(graceMs = 10_000) {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      const result = await exited
      clearTimeout(timer)
      return result
    },
  }

  const deadline = Date.now() + (options.readyTimeoutMs ?? 30_000)
  let ended
  exited.then((e) => (ended = e))
  for (;;) {
    if (ended) throw new Error(`ClickHouse did not start: engine exited with ${JSON.stringify(ended)}`)
    if (await isReady(url, path)) return server
    if (Date.now() > deadline) {
      await server.stop(0)
      throw new Error(`ClickHouse was not ready at ${url} in time`)
    }
    await delay(25)
  }
}

/** True when the server at url answers and serves the data directory we asked for. */
async function isReady(url, path) {
  try {
    if ((await httpGet(`${url}/ping`)) !== 'Ok.\n') return false
    // Somebody else's server may hold the port: only believe the one with our directory.
    const served = await httpGet(`${url}/?query=${encodeURIComponent("SELECT getServerSetting('path')")}`)
    return resolve(served.trim()) === path
  } catch {
    return false
  }
}

/** One request on its own connection: the engine waits 5 s for idle keep-alive ones when it stops. */
function httpGet(url) {
  return new Promise((done, fail) => {
    const request = get(url, { agent: false, timeout: 2000 }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (body += chunk))
      response.on('end', () => (response.statusCode === 200 ? done(body) : fail(new Error(body))))
      response.on('error', fail)
    })
    request.on('timeout', () => request.destroy(new Error('timeout')))
    request.on('error', fail)
  })
}

function freePort(host) {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, host, () => {
      const { port } = probe.address()
      probe.close(() => done(port))
    })
  })
}

/** In the child: chdb_query_cmdline on a thread of its own. */
async function runEngine(args) {
  // A terminal's Ctrl-C reaches the whole process group. The parent decides when to stop.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => {})

  const { default: koffi } = await import('koffi')
  const { libchdbPath } = createRequire(import.meta.url)('chdb/libchdb')
  const chdb = koffi.load(libchdbPath())
  const libc = koffi.load('libc.so.6')
  const address = (x) => BigInt(koffi.address(x))

  // argv as C sees it: an array of pointers into one block of NUL-terminated strings.
  const strings = Buffer.from(args.map((a) => `${a}\0`).join(''))
  const argv = Buffer.alloc(8 * (args.length + 1))
  let offset = 0
  args.forEach((a, i) => {
    argv.writeBigUInt64LE(address(strings) + BigInt(offset), 8 * i)
    offset += Buffer.byteLength(a) + 1
  })

  // Koffi runs C functions on a stack that it allocates itself. ClickHouse measures
  // its stack use against the thread's real stack and answers TOO_DEEP_RECURSION, so
  // the engine has to run on a real thread. pthread_create can only start a function
  // of one pointer, and ours takes (int, char **). glibc's custom streams bridge the
  // two: fgetc(FILE *) calls the stream's reader as read(cookie, buffer, size). With
  // cookie = argc, buffer = argv and reader = chdb_query_cmdline, starting a thread
  // on fgetc calls chdb_query_cmdline(argc, argv) there.
  koffi.struct('cookie_io_functions_t', {
    read: 'uintptr_t',
    write: 'uintptr_t',
    seek: 'uintptr_t',
    close: 'uintptr_t',
  })
  const fopencookie = libc.func(
    'void *fopencookie(uintptr_t cookie, const char *mode, cookie_io_functions_t functions)',
  )
  const setvbuf = libc.func('int setvbuf(void *stream, void *buffer, int mode, size_t size)')
  const pthread_create = libc.func(
    'int pthread_create(_Out_ uintptr_t *thread, void *attr, uintptr_t start, void *arg)',
  )
  const pthread_join = libc.func('int pthread_join(uintptr_t thread, void *result)')
  const result_error = chdb.func('const char *chdb_result_error(void *result)')
  const _exit = libc.func('void _exit(int status)')

  const read = address(chdb.symbol('chdb_query_cmdline'))
  const stream = fopencookie(args.length, 'r', { read, write: 0, seek: 0, close: 0 })
  setvbuf(stream, argv, 0 /* _IOFBF */, argv.length)
  const thread = [null]
  const failed = pthread_create(thread, null, address(libc.symbol('fgetc')), stream)
  if (failed) throw new Error(`pthread_create failed with errno ${failed}`)

  pthread_join.async(thread[0], null, () => {
    // The stream took the returned pointer for the number of bytes read, which it keeps
    // as _IO_read_end - buffer (FILE: int _flags; char *_IO_read_ptr, *_IO_read_end, ...).
    const result = BigInt(koffi.decode(stream, 16, 'uintptr_t')) - address(argv)
    const message = result > 0n ? result_error(result) : 'the engine returned nothing'
    if (message) console.error(message)
    // The engine has shut down and flushed by now. Leave without running exit
    // handlers: stdio would try to tidy up a stream whose counters are made up.
    _exit(message ? 1 : 0)
  })
}

if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(SELF) && process.argv[2] === CHILD_FLAG)
  await runEngine(process.argv.slice(3))
