import { excerpt, paragraphsOf, type Finding, type Paragraph } from "./finding.js";

/** A longer paragraph is prose. */
const maxRemarkChars = 320;
/** Speech is a character's, whatever it says. */
const SPEECH = /["“”„«»‹›「」『』]|^[–—-]\s/u;

/** How an answer to whoever asked begins, what it speaks of, and how it ends, by language. */
const OPENINGS: readonly RegExp[] = [
  /^(?:sure|certainly|of course|absolutely|okay|ok|understood|great|alright)[,.!]\s.*\b(?:here|below|continuing)\b.*\b(?:chapter|draft|text|continuation|version|story)\b/i,
  /^(?:here(?:'s|’s| is)|below is)\s(?:the|your|a)\s(?:\w+\s){0,3}(?:chapter|draft|continuation|revised version|text)\b(?!.*\b(?:I|my|me|we|our)\b).*:$/i,
  /^(?:natürlich|klar|gerne?|selbstverständlich|sicher|verstanden)[,.!]\s.*\b(?:hier|anbei|im folgenden)\b.*\b(?:kapitel|text|entwurf|fassung|fortsetzung)\b/i,
  /^hier (?:ist|kommt|folgt) (?:das|dein|ihr|der|die) (?:\S+ ){0,3}(?:kapitel|text|entwurf|fassung)\b.*:$/i,
  /^(?:bien sûr|certainement|d['’]accord|entendu|avec plaisir)\s?[,.!]\s.*\b(?:voici|ci-dessous)\b.*\b(?:chapitre|texte|version|suite)\b/iu,
  /^voici (?:le|la|votre|ton) (?:\S+ ){0,3}(?:chapitre|texte|version|suite)\b.*:$/iu,
  /^¡?(?:claro(?: que sí)?|por supuesto|desde luego|entendido)[,.!]\s.*(?:aquí|a continuación).*(?:capítulo|texto|versión|borrador)/iu,
  /^aquí (?:está|tienes|tiene) (?:el|la|tu|su) (?:\S+ ){0,3}(?:capítulo|texto|versión|borrador).*:$/iu,
  /^(?:certo|certamente|ovviamente|va bene)[,.!]\s.*\b(?:ecco|di seguito)\b.*\b(?:capitolo|testo|versione|bozza)\b/i,
  /^ecco (?:il|la|il tuo) (?:\S+ ){0,3}(?:capitolo|testo|versione|bozza)\b.*:$/i,
  /^(?:claro|com certeza|certamente|entendido)[,.!]\s.*(?:aqui|a seguir).*(?:capítulo|texto|versão|rascunho)/iu,
  /^(?:natuurlijk|zeker|uiteraard)[,.!]\s.*\b(?:hier|hieronder)\b.*\b(?:hoofdstuk|tekst|versie)\b/i,
  /^(?:oczywiście|jasne|rozumiem)[,.!]\s.*(?:oto|poniżej).*(?:rozdział|tekst|wersj)/iu,
  /^(?:конечно|разумеется|хорошо|понял)[,.!]\s.*(?:вот|ниже).*(?:глав|текст|верси)/iu,
  /^вот (?:\S+ ){0,3}(?:глава|текст|версия).*:$/iu,
  /^(?:好的|当然|没问题)[,，。!！].*(?:章|正文|内容).*[:：。]?$/u,
  /^以下(?:是|为).*(?:章|正文|内容).*[:：]$/u,
  /^(?:もちろんです|承知しました|かしこまりました|わかりました)[。、!！].*(?:章|本文)/u,
  /^以下(?:は|に).*(?:章|本文).*[:：。]$/u,
];

const CLOSINGS: readonly RegExp[] = [
  /^(?:let me know|feel free to|would you like|do you want me|shall i|i hope (?:this|you))\b.*\b(?:chapter|continue|changes?|revis\w+|adjust\w*|feedback|anything else|next part)\b/i,
  /^(?:soll ich|möchtest du|möchten sie|lass mich wissen|lassen sie mich wissen|ich hoffe)\b.*(?:kapitel|fortfahren|weiterschreiben|änder|anpass)/iu,
  /^(?:souhaitez-vous|voulez-vous|n['’]hésitez pas|dites-moi|j['’]espère que)\b.*(?:chapitre|continu|modifi|suite)/iu,
  /^¿?(?:quieres que|te gustaría|desea que|avísame|espero que)\b.*(?:capítulo|contin|cambi|ajust)/iu,
  /^(?:vuoi che|vorresti|fammi sapere|spero che)\b.*(?:capitolo|continu|modific)/iu,
  /^(?:quer que|gostaria|avise-me|espero que)\b.*(?:capítulo|continu|alter)/iu,
  /^(?:хотите|дайте знать|надеюсь)(?=[\s,]).*(?:глав|продолж|измен)/iu,
  /^(?:如果您|如需|希望这|需要我|请告诉我).*(?:章|继续|修改|调整)/u,
  /(?:続きを書き|修正が必要|ご希望).*(?:ください|でしょうか)/u,
  /^[([*_\s]*(?:end of (?:the )?chapter|ende des kapitels|fin du chapitre|fin del capítulo|fine del capitolo|конец главы)\b[^\n]{0,20}$/iu,
  /^[([*_\s]*(?:word count|wörter|nombre de mots|número de palabras)\s*[:≈~].{0,20}$/iu,
];

/** A model that speaks of itself, at the beginning of a paragraph. */
const ITSELF =
  /^(?:as an? (?:ai|artificial intelligence|large language)(?: language)? (?:model|assistant)\b|als ki(?:-sprachmodell|-modell)\b|en tant que modèle de langage|como modelo de lenguaje|i(?:'m|’m| am) sorry, but i (?:can(?:'|’)?t|cannot) (?:write|continue|generate|assist|help))/i;
const THINKING = /<\/?(?:think|thinking|reasoning)>/i;

/**
 * What an author said to whoever asked, left in the text: a remark before or after it, a refusal, a mark of its thinking.
 *
 * Never what a character says: a paragraph with speech in it is none.
 */
export function findLeaks(text: string): Finding[] {
  const paragraphs = paragraphsOf(text);
  const found = paragraphs.filter((paragraph, index) =>
    isLeak(paragraph, index, paragraphs.length),
  );
  return found.map(({ text: leak, start, end }) => ({
    kind: "preamble",
    message: `the author speaks to whoever asked: "${excerpt(leak)}"`,
    start,
    end,
    cut: true,
  }));
}

function isLeak({ text }: Paragraph, index: number, count: number): boolean {
  const line = text.replace(/\s+/gu, " ").replace(/^[*_#>\s]+|[*_\s]+$/g, "");
  if (line.length > maxRemarkChars) return false;
  if (
    /^<\/?(?:think|thinking|reasoning)>$/i.test(line) ||
    (THINKING.test(line) && !/[`"“]/.test(line))
  )
    return true;
  if (SPEECH.test(line)) return false;
  if (ITSELF.test(line)) return true;
  if (index === 0 && OPENINGS.some((opening) => opening.test(line))) return true;
  return index >= count - 2 && index > 0 && CLOSINGS.some((closing) => closing.test(line));
}
