/** The time today, else the day. */
export function moment(at: Date): string {
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday
    ? at.toLocaleTimeString("en-GB", { timeStyle: "short" })
    : at.toLocaleDateString("en", { month: "short", day: "numeric" });
}
