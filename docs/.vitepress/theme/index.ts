import DefaultTheme from "vitepress/theme";
import "./paper.css";

export default DefaultTheme;
