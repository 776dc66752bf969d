import { passFocus } from "@inkwire/client/solid";
import { createUniqueId, type JSX } from "solid-js";

/** A button that asks back, in a modal dialog of the browser: the focus stays in it, Escape says no. */
export function Confirm(props: {
  readonly label: string;
  readonly question: string;
  readonly children: JSX.Element;
  readonly yes: string;
  readonly no: string;
  readonly onYes: () => void;
  /** Who gets the focus when there is nothing to ask any more. */
  readonly next: () => HTMLElement;
}): JSX.Element {
  const id = createUniqueId();
  let dialog!: HTMLDialogElement;
  return (
    <>
      <button
        type="button"
        class="quiet"
        ref={(button) => passFocus(button, props.next)}
        onClick={() => dialog.showModal()}
      >
        {props.label}
      </button>
      <dialog
        ref={dialog}
        class="confirm"
        aria-labelledby={id}
        onClose={() => {
          if (dialog.returnValue === "yes") props.onYes();
          dialog.returnValue = "";
        }}
      >
        <form method="dialog">
          <h2 id={id}>{props.question}</h2>
          <p>{props.children}</p>
          <div class="buttons">
            <button value="no" class="quiet" autofocus>
              {props.no}
            </button>
            <button value="yes" class="solid">
              {props.yes}
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
