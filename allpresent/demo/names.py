"""Invented people's names from common name parts of a dozen languages, put together by each language's custom.

No list of real persons stands behind them: given and family parts are drawn apart.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Heritage:
    """A language's name parts, how families use them, and the home language (ISO 639-1) that goes with it."""

    language: str
    home_share: float  # share of the families that speak it at home, not English
    weight: float
    ethnicity: str  # PowerSchool's one-letter code; H stands beside FedEthnicity = 1
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    families: tuple[str, ...]
    custom: str = "one"  # one, two (surnames of both parents), particle (middle part by gender), single (one name)


@dataclass(frozen=True)
class PersonName:
    """A name as PowerSchool stores it; a one-word name has no first name."""

    first: str
    middle: str
    last: str

    @property
    def last_first(self) -> str:
        """The ``LastFirst`` column: "Last, First Middle"."""
        given = f"{self.first} {self.middle}".strip()
        return f"{self.last}, {given}" if given else self.last

    @property
    def full(self) -> str:
        """As spoken."""
        return " ".join(part for part in (self.first, self.middle, self.last) if part)


def _words(text: str) -> tuple[str, ...]:
    """Names divided by blanks; an underscore stands for a blank inside a name."""
    return tuple(word.replace("_", " ") for word in text.split())


_SPANISH = Heritage(
    "es",
    0.72,
    40,
    "H",
    _words(
        "Lucía Valentina Sofía Camila Isabella Daniela Ximena Renata Mariana Alejandra Noemí Yaritza Paola Inés "
        "Adriana Gabriela María_José Rocío Abril Luz_Marina Belén Itzel"
    ),
    _words(
        "Mateo Santiago Diego Ángel Joaquín Sebastián Julián Andrés Emiliano Iván José_Luis Héctor Raúl Tomás Óscar "
        "Nicolás Gael Adrián Jesús Martín Efraín Leonel"
    ),
    _words(
        "García Rodríguez Martínez Hernández López González Pérez Sánchez Ramírez Torres Flores Rivera Díaz Vázquez "
        "Castillo Jiménez Moreno Romero Ortiz Núñez Peña Ibáñez Colón Maldonado Quiñones Figueroa Salazar Muñoz "
        "Zambrano Cabrera Morales Guamán Tzoc De_León De_la_Cruz"
    ),
    "two",
)
_HERITAGES: tuple[Heritage, ...] = (
    _SPANISH,
    Heritage(
        "en",
        0.0,
        22,
        "B",
        _words(
            "Aaliyah Imani Nia Zora Kiara Jasmine Destiny Amara Skylar Kennedy Ebony Simone Brielle Nevaeh Ava "
            "Journee Taraji London Maya Kimora"
        ),
        _words(
            "Jaylen Malik Isaiah Xavier Amir Darius Elijah Josiah Tyrone Kareem Micah Zion Andre Langston Caleb "
            "De'Andre Khalil Messiah Marcus Ty'Quan"
        ),
        _words(
            "Washington Jefferson Johnson Williams Brown Jackson Robinson Harris Coleman Freeman Booker Banks Hayes "
            "Gaines Bryant Simmons Whitfield Sykes Pettway Mayfield Dawson Tillman St._Clair"
        ),
    ),
    Heritage(
        "en",
        0.0,
        11,
        "W",
        _words("Emma Olivia Grace Abigail Hannah Molly Fiona Claire Charlotte Nora Maeve Eleanor Tess Hazel Piper"),
        _words("Liam Owen Connor Ryan Henry Jack Finn Wyatt Samuel Declan Gavin Patrick Theodore Miles Reid"),
        _words(
            "O'Connor O'Brien Sullivan Murphy Walsh Miller Baker Fletcher Cooper Hayward Thatcher McKenna Brennan "
            "Ashford Whitcomb Doyle Larkin Smith-Reyes Pratt Kimball"
        ),
    ),
    Heritage(
        "it",
        0.12,
        4,
        "W",
        _words("Giulia Chiara Francesca Gianna Alessia Lucia Bianca Noè Serena Mirella"),
        _words("Luca Matteo Gianluca Marco Nicolò Dante Salvatore Enzo Raffaele Rocco"),
        _words("D'Angelo De_Luca Esposito Ricci Marino Dell'Aquila Ferrara Lo_Presti Amato Cozzolino Fusco Santoro"),
    ),
    Heritage(
        "ar",
        0.85,
        5,
        "W",
        _words("Layla Fatima Noor Maryam Yasmin Hala Amina Rania Zaynab Dua'a Salma Aya"),
        _words("Omar Yusuf Ahmad Ali Hassan Khaled Tariq Ibrahim Bilal Abd_al-Rahman Karim Mu'adh"),
        _words("Al-Masri Haddad El_Amrani Mansour Al-Khatib Nasser Saleh Qasim Abu_Zayd Al-Jabouri Darwish Hammoud"),
    ),
    Heritage(
        "uk",
        0.9,
        2,
        "W",
        _words("Oksana Sofiia Daryna Kateryna Solomiia Zlata Mariia Yevheniia"),
        _words("Andrii Bohdan Taras Danylo Maksym Oleksandr Nazar Yaroslav"),
        _words("Kovalenko Shevchuk Bondarenko Tkachuk Melnyk Hrytsenko Lysenko Marchenko Savchuk Zinchenko"),
    ),
    Heritage(
        "vi",
        0.8,
        2,
        "A",
        _words("Ngọc Mai Hương Linh Thảo Trâm Ánh Quỳnh"),
        _words("Minh Hùng Tuấn Khôi Đức Phong Quân Bảo"),
        _words("Nguyễn Trần Lê Phạm Hoàng Võ Đặng Bùi"),
        "particle",
    ),
    Heritage(
        "ht",
        0.85,
        4,
        "B",
        _words("Marie-Ange Widline Fabiola Rose-Laure Guerda Mirlande Naïka Esther Daphnée Ketia"),
        _words("Jean-Marc Wesley Stevenson Frantz Ricardo Evens Djimy Loubens Jephté Kervens"),
        _words("Jean-Baptiste Pierre-Louis Désir Toussaint Joseph Étienne Célestin Saint-Fleur Dorvil Beauvais Noël"),
    ),
    Heritage(
        "fr",
        0.6,
        4,
        "B",
        _words("Aïssatou Fatoumata Adjoa Abena Ngozi Chiamaka Folasadé Awa Mariama Efua Temítọ́pẹ́ Khady"),
        _words("Kwame Kofi Chinedu Emeka Oluwaseun Mamadou Ousmane Sekou Yaw Babatunde Ikenna Moussa"),
        _words("Mensah Owusu-Ansah Okafor Adébáyọ̀ Diop N'Diaye Traoré Boateng Nwosu Balogun Koné Camara Asante-Yeboah"),
    ),
    Heritage(
        "pt",
        0.7,
        2,
        "H",
        _words("Beatriz Luana Letícia Ana_Clara Júlia Conceição Tainá Íris"),
        _words("João Rafael Caio Antônio Thiago Luís Davi Gonçalo"),
        _words("da_Silva dos_Santos Gonçalves Magalhães Araújo Simões Brandão Lourenço"),
        "two",
    ),
    Heritage(
        "ps",
        0.9,
        2,
        "A",
        _words("Zarmina Palwasha Shabnam Gulalai Parwana Mursal"),
        _words("Zabihullah Najibullah Mirwais Hamidullah Spin Torialai"),
        _words("Zarmina Suryani Htwe Nasratullah Kyaw Wulandari Rahmatullah Budiarto"),
        "single",
    ),
    Heritage(
        "zh",
        0.7,
        2,
        "A",
        _words("Xinyi Yuhan Mei_Ling Zihan Jiayi Ruoxi"),
        _words("Haoran Zixuan Wei Junjie Yichen Bowen"),
        _words("Chen Wang Li Zhang Lin Huang Wu Xu Ouyang Lü"),
    ),
)

HERITAGES: tuple[Heritage, ...] = _HERITAGES
_WEIGHTS = np.array([heritage.weight for heritage in HERITAGES], dtype=np.float64)
_INITIALS = "ABCDEFGHJKLMNPRSTV"


def draw_heritages(rng: np.random.Generator, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Positions in HERITAGES for ``count`` families."""
    return rng.choice(len(HERITAGES), size=count, p=_WEIGHTS / _WEIGHTS.sum()).astype(np.int64)


def pick(words: tuple[str, ...], number: int) -> str:
    """The word a drawn number points at."""
    return words[number % len(words)]


def family_name(heritage: Heritage, first: int, second: int) -> str:
    """A household's surname; Spanish and Portuguese families mostly carry both parents'."""
    one = pick(heritage.families, first)
    other = pick(heritage.families, second)
    if heritage.custom != "two" or one == other or second % 9 == 0:
        return one
    return f"{one}-{other}" if second % 13 == 0 else f"{one} {other}"


def person_name(heritage: Heritage, surname: str, is_girl: bool, given: int, extra: int) -> PersonName:
    """One person of a family: ``given`` and ``extra`` are drawn whole numbers."""
    first = pick(heritage.girls if is_girl else heritage.boys, given)
    if heritage.custom == "single":
        return PersonName("", "", first) if extra % 3 else PersonName(first, "", surname)
    if heritage.custom == "particle":
        return PersonName(first, "Thị" if is_girl else "Văn", surname)
    middle = f"{_INITIALS[extra % len(_INITIALS)]}." if extra % 4 == 0 else ""
    return PersonName(first, middle, surname)
