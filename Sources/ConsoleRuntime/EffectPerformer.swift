import DiskQueue
import QueueConsole
import SystemPackage

/// Performs what the console wishes for, beside the screen, and posts what came of it.
final class EffectPerformer {
  private let mailbox: Mailbox
  private let surveyor: Surveyor
  private let reader: MessageReader
  private let settings: ConsoleSettings
  private var gate = WriteGate()
  private var job: Task<Void, Never>?

  init(_ settings: ConsoleSettings, mailbox: Mailbox) {
    self.settings = settings
    self.mailbox = mailbox
    self.surveyor = Surveyor(settings.directory)
    self.reader = MessageReader(settings.directory, limits: settings.options.limits)
    if settings.unlocked { gate.unlock() }
  }

  /// Starts one effect that is not the loop's own.
  func perform(_ effect: Effect) {
    switch effect {
    case .refresh:
      Task.detached { [mailbox, surveyor] in mailbox.post(await surveyor.look()) }
    case .unlock:
      gate.unlock()
      mailbox.post(.writing(unlocked: true))
    case .lock:
      gate.lock()
      mailbox.post(.writing(unlocked: false))
    case .plan(let request): start { $0.plan(request) }
    case .apply(let plans, let request):
      guard let token = gate.token else {
        let refusal = DiskQueueError(.refused, "writing is locked; press W to unlock it")
        return mailbox.post(.applied([], request, failure: refusal))
      }
      start { $0.apply(plans, request, token) }
    case .check(let queue): start { $0.check(queue) }
    case .judge(let queue): start { $0.judge(queue) }
    case .browse(let queue, let anchor, let isFresh):
      read { await $0.browse(queue, anchor, isFresh: isFresh) }
    case .open(let queue, let position): read { await $0.open(queue, position) }
    case .find(let queue, let pattern, let position, let forward):
      job = read { await $0.find(queue, pattern, from: position, forward: forward) }
      isBusy = true
    case .export(let queue, let positions, let path, let format):
      read { await $0.export(queue, positions, to: path, format) }
    case .write(let text, let path): write(text, to: path)
    case .readAudit: readAudit()
    case .cancelJob: job?.cancel()
    case .interval, .redraw, .suspend, .quit, .copy: break
    }
  }

  /// Whether a job has not told its end yet.
  private(set) var isBusy = false

  /// Asks a running job to end between two batches.
  func cancel() { job?.cancel() }

  /// Looks at what the mailbox brought, to know when the job has ended.
  func note(_ event: Event) {
    switch event {
    case .planned, .planFailed, .applied, .checked, .judged, .passFailed, .found, .browseFailed:
      isBusy = false
    default: break
    }
  }

  private func start(_ body: @escaping @Sendable (Work) -> Event) {
    let work = Work(settings, mailbox: mailbox)
    isBusy = true
    job = Task.detached { [mailbox] in mailbox.post(body(work)) }
  }

  @discardableResult
  private func read(_ body: @escaping @Sendable (MessageReader) async -> Event) -> Task<Void, Never>
  {
    Task.detached { [mailbox, reader] in mailbox.post(await body(reader)) }
  }

  private func readAudit() {
    Task.detached { [mailbox, directory = settings.directory] in
      // A log that cannot be read leaves the screen with what was seen itself.
      if let entries = try? Audit(directory).entries() { mailbox.post(.audited(entries)) }
    }
  }

  private func write(_ text: String, to path: String) {
    Task.detached { [mailbox] in
      do throws(DiskQueueError) {
        let disk = RealDisk()
        let handle = try disk.open(FilePath(path), .createNew)
        defer { disk.close(handle) }
        try disk.writeAll(handle, Array(text.utf8).span, at: 0)
        try disk.syncData(handle)
        mailbox.post(.written(path))
      } catch { mailbox.post(.passFailed(error)) }
    }
  }
}

/// Owns the survey, so that one look follows another.
actor Surveyor {
  private var survey: Survey

  init(_ directory: FilePath) { survey = Survey(watching: directory) }

  func look() -> Event {
    do throws(DiskQueueError) {
      let look = try survey.look()
      return .surveyed(look.report, changed: look.changed)
    } catch { return .surveyFailed(error) }
  }
}
