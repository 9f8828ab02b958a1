package import DiskQueue
import QueueConsole
package import SystemPackage

/// How the console is started.
package struct ConsoleSettings: Sendable {
  package var directory: FilePath
  package var interval: Double
  package var filter: String
  package var ascii: Bool
  package var unlocked: Bool
  /// The queue whose page is opened first.
  package var queue: QueueName?
  /// How queues are opened for acts.
  package var options: DiskQueue.Options

  package init(
    directory: FilePath, interval: Double = 1, filter: String = "", ascii: Bool = false,
    unlocked: Bool = false, queue: QueueName? = nil, options: DiskQueue.Options = .init()
  ) {
    self.directory = directory
    self.interval = interval
    self.filter = filter
    self.ascii = ascii
    self.unlocked = unlocked
    self.queue = queue
    self.options = options
  }
}

/// The one loop: waits, turns what happened into events, lets the model decide, draws, and performs
/// what the model wishes for.
package struct EventLoop: ~Copyable {
  private let terminal: CursesTerminal
  private let signals: Signals
  private let mailbox: Mailbox
  private let performer: EffectPerformer
  private var model: Model
  private var running = true
  private var nextTick = ContinuousClock.now

  /// A loop over `terminal`; `signals` were made before any thread started.
  package init(_ settings: ConsoleSettings, terminal: CursesTerminal, signals: Signals) {
    self.terminal = terminal
    self.signals = signals
    self.mailbox = Mailbox(signals)
    self.performer = EffectPerformer(settings, mailbox: mailbox)
    model = Model(
      directory: settings.directory.string, interval: settings.interval,
      ascii: settings.ascii || !terminal.isUTF8, filter: settings.filter)
    model.unlocked = settings.unlocked
    if let queue = settings.queue {
      model.selected = queue
      model.screen = .detail(queue)
    }
  }

  /// Runs until the operator or a signal ends it; the terminal is given back then.
  package consuming func run() {
    resize()
    while running {
      tickIfDue()
      drawIfReady()
      let ready = signals.wait(milliseconds: timeout)
      if ready.contains(.hangUp) { take(.terminate) }
      if ready.contains(.signal) { takeSignals() }
      while let input = terminal.next() {
        switch input {
        case .key(let key): take(.key(key))
        case .resized: resize()
        }
      }
      collect()
    }
    terminal.close()
    performer.cancel()
    while performer.isBusy {
      _ = signals.wait(milliseconds: nil)
      for event in mailbox.collect() { performer.note(event) }
    }
  }

  private mutating func collect() {
    for event in mailbox.collect() {
      performer.note(event)
      take(event)
    }
  }

  private mutating func tickIfDue() {
    let now = ContinuousClock.now
    guard now >= nextTick else { return }
    nextTick = now + .milliseconds(Int(model.interval * 1000))
    take(.tick(Machine.now()))
  }

  /// Milliseconds until there is something to do by itself; nil while paused.
  private var timeout: Int? {
    if terminal.isBehind { return 20 }
    if model.paused { return nil }
    let left = (nextTick - ContinuousClock.now).components
    return max(0, Int(left.seconds) * 1000 + Int(left.attoseconds / 1_000_000_000_000_000) + 1)
  }

  /// On a slow line a frame is skipped rather than queued behind the last.
  private func drawIfReady() {
    if running, !terminal.isBehind { terminal.show(Screen.draw(model)) }
  }

  private mutating func takeSignals() {
    while let request = signals.next() {
      switch request {
      case .terminate: take(.terminate)
      case .suspend: suspend()
      case .resume: redraw()
      }
    }
  }

  private mutating func take(_ event: Event) {
    for effect in model.update(event) {
      switch effect {
      case .quit: running = false
      case .suspend: signals.stopJob()
      case .redraw: redraw()
      case .interval(let seconds):
        nextTick = ContinuousClock.now + .milliseconds(Int(seconds * 1000))
      default: performer.perform(effect)
      }
    }
  }

  private mutating func suspend() {
    terminal.suspend()
    resize()
  }

  private mutating func redraw() {
    terminal.redraw()
    resize()
  }

  private mutating func resize() {
    let size = terminal.size
    take(.resized(columns: size.columns, rows: size.rows))
  }
}
