import DiskQueue
import QueueConsole
import SystemPackage

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
  /// Whether the keyboard had more than was taken in the last turn.
  private var hasInput = false
  /// Whether the screen must be drawn.
  private var isStale = true
  /// Until then the first look may come before anything is drawn, so that it is drawn once.
  private let patience = ContinuousClock.now + .milliseconds(60)

  /// A loop over `terminal`; `signals` were made before any thread started.
  package init(_ settings: ConsoleSettings, terminal: CursesTerminal, signals: Signals) {
    self.terminal = terminal
    self.signals = signals
    self.mailbox = Mailbox(wakeUp: { signals.wakeUp() })
    self.performer = EffectPerformer(settings, mailbox: mailbox)
    model = Model(
      directory: settings.directory.string, interval: settings.interval,
      ascii: settings.ascii || !terminal.isUTF8, filter: settings.filter,
      preferences: settings.preferences)
    model.unlocked = settings.unlocked
    terminal.define(settings.preferences.theme)
    if settings.mouse { terminal.takeMouse() }
    if let queue = settings.queue {
      model.selected = queue
      model.screen = .queue(queue, .summary)
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
      takeInput()
      collect()
    }
    terminal.close()
    waitForJobs()
  }

  /// Keys that are taken in one turn, so that a flood of them keeps neither screen nor signals waiting.
  private static let batch = 1024

  /// Takes what the keyboard has, up to a batch; characters that follow one another into text are taken
  /// at once.
  private mutating func takeInput() {
    var typed: [Character] = []
    hasInput = false
    for count in 1...Self.batch {
      guard running, let input = terminal.next() else { break }
      hasInput = count == Self.batch
      if case .key(.character(let character)) = input, model.takesText {
        typed.append(character)
        continue
      }
      takeTyped(&typed)
      switch input {
      case .key(let key): take(.key(key))
      case .mouse(let mouse, let row, let column): take(.mouse(mouse, row: row, column: column))
      case .pasted(let paste): take(.pasted(paste))
      case .resized: resize()
      }
    }
    takeTyped(&typed)
  }

  private mutating func takeTyped(_ typed: inout [Character]) {
    if !typed.isEmpty { take(.typed(typed)) }
    typed = []
  }

  /// Waits for what still runs, with the terminal given back, and says how it ended.
  private func waitForJobs() {
    performer.cancel()
    if let job = model.job { terminal.tell("stopping: \(job.title)") }
    while performer.isBusy {
      signals.waitForWake()
      for event in mailbox.collect() {
        performer.note(event)
        guard case .job(_, let news) = event else { continue }
        for line in news.farewell { terminal.tell(line) }
      }
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
    noteLine()
    nextTick = now + .milliseconds(Int(model.interval * Double(model.slowdown) * 1000))
    take(.tick(Machine.now()))
  }

  /// A line that still holds output a whole interval later is slow.
  private mutating func noteLine() {
    let isSlow = terminal.isBehind
    if isSlow || model.slowdown > 1 { take(.line(isSlow: isSlow)) }
  }

  /// Whether the first look is still awaited.
  private var isWaiting: Bool {
    model.report == nil && model.failure == nil && ContinuousClock.now < patience
  }

  /// Milliseconds until there is something to do by itself; nil while paused.
  private var timeout: Int? {
    if hasInput { return 0 }
    if terminal.isBehind || isWaiting { return 20 }
    // A pause still shows that a look which was asked for does not come.
    if model.paused, !model.refreshing { return nil }
    let left = (nextTick - ContinuousClock.now).components
    return max(0, Int(left.seconds) * 1000 + Int(left.attoseconds / 1_000_000_000_000_000) + 1)
  }

  /// On a slow line a frame is skipped rather than queued behind the last.
  private mutating func drawIfReady() {
    guard running, isStale, !isWaiting, !terminal.isBehind else { return }
    isStale = false
    terminal.show(Screen.draw(model))
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

  /// Whether an event may have changed what is shown; a look that found nothing new does not.
  private func changesScreen(_ event: Event) -> Bool {
    switch event {
    case .tick: false
    case .surveyed(let report, let changed): !model.staysTheSame(report, changed: changed)
    default: true
    }
  }

  private mutating func take(_ event: Event) {
    let staleness = model.staleSeconds
    if changesScreen(event) { isStale = true }
    let effects = model.update(event)
    if model.staleSeconds != staleness { isStale = true }
    for effect in effects {
      switch effect {
      case .quit: running = false
      case .suspend: signals.stopJob()
      case .redraw: redraw()
      case .copy(let bytes):
        if !terminal.copy(bytes) { take(.refused("this terminal has no clipboard; e exports")) }
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
