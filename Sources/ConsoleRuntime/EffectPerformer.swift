import DiskQueue
import Dispatch
import QueueConsole
import SystemPackage

/// Performs what the console wishes for, beside the screen, and posts what came of it.
///
/// Looking, reading and jobs have a serial queue each, whose thread is its own while it works: nothing
/// that waits for a disk, a pipe or a command holds the others up. The pool of Swift's tasks would: it
/// has no more threads than the machine has cores.
final class EffectPerformer {
  private let mailbox: Mailbox
  private let surveyor: Surveyor
  private let reader: MessageReader
  private let settings: ConsoleSettings
  private let reading = DispatchQueue(label: "diskq.reading")
  private let working = DispatchQueue(label: "diskq.jobs")
  /// Whether acts are begun: locked until an operator unlocks writing.
  private var isUnlocked: Bool
  /// Jobs that have not told their end yet.
  private var running: [JobID: Cancellation] = [:]

  init(_ settings: ConsoleSettings, mailbox: Mailbox) {
    self.settings = settings
    self.mailbox = mailbox
    self.surveyor = Surveyor(settings.directory)
    self.reader = MessageReader(settings.directory, limits: settings.options.limits)
    isUnlocked = settings.unlocked
  }

  /// Starts one effect that is not the loop's own.
  func perform(_ effect: Effect) {
    switch effect {
    case .refresh: surveyor.look { [mailbox] in mailbox.post($0) }
    case .unlock:
      isUnlocked = true
      mailbox.post(.writing(unlocked: true))
    case .lock:
      isUnlocked = false
      mailbox.post(.writing(unlocked: false))
    case .start(let id, let request): start(id, request)
    case .cancel(let id): running[id]?.cancel()
    case .browse(let queue, let anchor, let isFresh):
      read { $0.browse(queue, anchor, isFresh: isFresh) }
    case .open(let queue, let position): read { $0.open(queue, position) }
    case .readAudit: readAudit()
    case .interval, .redraw, .suspend, .quit, .copy: break
    }
  }

  /// Whether a job has not told its end yet.
  var isBusy: Bool { !running.isEmpty }

  /// Asks all jobs to end between two steps.
  func cancel() { for job in running.values { job.cancel() } }

  /// Looks at what the mailbox brought, to know when a job has ended.
  func note(_ event: Event) {
    if case .job(let id, let news) = event, news.isEnd { running[id] = nil }
  }

  private func start(_ id: JobID, _ request: JobRequest) {
    if case .apply(_, let request) = request, !isUnlocked {
      let refusal = DiskQueueError(.refused, "writing is locked; press W to unlock it")
      return mailbox.post(.job(id, .applied([], request, failure: refusal)))
    }
    let cancellation = Cancellation()
    running[id] = cancellation
    let work = Work(
      settings, id: id, reader: reader, cancellation: cancellation, mailbox: mailbox)
    working.async { [mailbox] in mailbox.post(.job(id, work.run(request))) }
  }

  private func read(_ body: @escaping @Sendable (MessageReader) -> Event) {
    reading.async { [mailbox, reader] in mailbox.post(body(reader)) }
  }

  private func readAudit() {
    reading.async { [mailbox, directory = settings.directory] in
      // A log that cannot be read leaves the screen with what was seen itself.
      if let entries = try? Audit(directory).entries() { mailbox.post(.audited(entries)) }
    }
  }
}
