/** The few words that a book's own pages need, in its language. */
export interface Labels {
  readonly contents: string;
  readonly cover: string;
  readonly titlePage: string;
}

const english: Labels = { contents: "Contents", cover: "Cover", titlePage: "Title page" };

const LABELS: Readonly<Record<string, Labels>> = {
  ar: { contents: "المحتويات", cover: "الغلاف", titlePage: "صفحة العنوان" },
  de: { contents: "Inhalt", cover: "Umschlag", titlePage: "Titelseite" },
  es: { contents: "Índice", cover: "Cubierta", titlePage: "Portada" },
  fr: { contents: "Table des matières", cover: "Couverture", titlePage: "Page de titre" },
  he: { contents: "תוכן העניינים", cover: "כריכה", titlePage: "שער" },
  it: { contents: "Indice", cover: "Copertina", titlePage: "Frontespizio" },
  ja: { contents: "目次", cover: "表紙", titlePage: "扉" },
  nl: { contents: "Inhoud", cover: "Omslag", titlePage: "Titelpagina" },
  pl: { contents: "Spis treści", cover: "Okładka", titlePage: "Strona tytułowa" },
  pt: { contents: "Sumário", cover: "Capa", titlePage: "Folha de rosto" },
  ru: { contents: "Содержание", cover: "Обложка", titlePage: "Титульный лист" },
  zh: { contents: "目录", cover: "封面", titlePage: "扉页" },
};

/** The labels of a language (BCP 47); English ones where there are none. */
export function labelsOf(language: string): Labels {
  return LABELS[language.split("-", 1)[0]?.toLowerCase() ?? ""] ?? english;
}
